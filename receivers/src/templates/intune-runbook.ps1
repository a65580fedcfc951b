# Reports the devices of Microsoft Intune to Habeo: those that were seen by Intune lately, page by page, as Microsoft Graph shows them.
#
# A runbook of Azure Automation, PowerShell 7.2 or later, with the system-assigned identity, which needs the application permission
# DeviceManagementManagedDevices.Read.All of Microsoft Graph. Schedule it once an hour.

$HabeoUrl = '__HABEO_URL__'
$HabeoSecret = '__HABEO_SECRET__'
# Twice the time between two runs, so that a run that fails loses nothing.
$Hours = 2

$ErrorActionPreference = 'Stop'

Connect-AzAccount -Identity | Out-Null
$token = (Get-AzAccessToken -ResourceUrl 'https://graph.microsoft.com' -AsSecureString).Token

$since = (Get-Date).ToUniversalTime().AddHours(-$Hours).ToString('yyyy-MM-ddTHH:mm:ssZ')
$fields = 'id,deviceName,serialNumber,manufacturer,model,operatingSystem,osVersion,enrolledDateTime,lastSyncDateTime,' +
    'complianceState,managedDeviceOwnerType,deviceEnrollmentType,azureADDeviceId,userPrincipalName,emailAddress,userDisplayName,' +
    'imei,meid,udid,ethernetMacAddress'
$next = 'https://graph.microsoft.com/v1.0/deviceManagement/managedDevices' +
    "?`$filter=lastSyncDateTime ge $since&`$select=$fields&`$top=200"

while ($next) {
    $answer = Invoke-WebRequest -Uri $next -Authentication Bearer -Token $token
    $page = $answer.Content | ConvertFrom-Json
    if ($page.value.Count -gt 0) {
        Invoke-RestMethod -Method Post -Uri $HabeoUrl `
            -Headers @{ Authorization = 'Bearer ' + $HabeoSecret } `
            -ContentType 'application/json; charset=utf-8' `
            -Body ([Text.Encoding]::UTF8.GetBytes($answer.Content)) | Out-Null
    }
    $next = $page.'@odata.nextLink'
}
