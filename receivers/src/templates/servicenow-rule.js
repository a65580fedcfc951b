(function executeRule(current, previous) {
  var record = __HABEO_RECORD__;
  var operation = __HABEO_OPERATION__;
  function v(field) { var e = record.getElement(field); return e ? '' + e : ''; }
  function d(field) { return record.getDisplayValue(field) || ''; }
  var report = {
    event_id: '' + record.sys_id + '-' + record.sys_mod_count + (operation == 'delete' ? '-deleted' : ''),
    table: '' + record.getTableName(), operation: operation,
    sys_id: v('sys_id'), number: v('number'), sys_mod_count: v('sys_mod_count'),
    sys_created_on: v('sys_created_on'), sys_updated_on: v('sys_updated_on'), resolved_at: v('resolved_at'),
    url: gs.getProperty('glide.servlet.uri') + record.getTableName() + '.do?sys_id=' + record.sys_id,
    short_description: v('short_description'),
    state: v('state'), state_label: d('state'), priority: v('priority'), priority_label: d('priority'),
    assigned_to: v('assigned_to'), assigned_to_name: d('assigned_to'), assigned_to_email: v('assigned_to.email'),
    caller_id: v('caller_id'), caller_name: d('caller_id'), caller_email: v('caller_id.email'),
    cmdb_ci: v('cmdb_ci'), cmdb_ci_name: d('cmdb_ci'),
    cmdb_ci_serial_number: v('cmdb_ci.serial_number'), cmdb_ci_asset_tag: v('cmdb_ci.asset_tag')
  };
  // What is signed and what is sent must be the same bytes: nothing beyond ASCII is left.
  var body = JSON.stringify(report).replace(/[\u007f-\uffff]/g, function (c) {
    return '\\u' + ('0000' + c.charCodeAt(0).toString(16)).slice(-4);
  });
  var key = GlideStringUtil.base64Encode(gs.getProperty('habeo.webhook.secret'));
  var message = new sn_ws.RESTMessageV2();
  message.setEndpoint(gs.getProperty('habeo.webhook.url'));
  message.setHttpMethod('post');
  message.setHttpTimeout(10000);
  message.setRequestHeader('Content-Type', 'application/json');
  message.setRequestHeader('X-Habeo-Signature', new GlideCertificateEncryption().generateMac(key, 'HmacSHA256', body));
  message.setRequestBody(body);
  message.executeAsync();
})(current, previous);
