//! Help desks: `ServiceNow`, Freshservice and Jira Service Management.
