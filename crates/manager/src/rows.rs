//! The SQL: free functions over a `Tx`, one file a table.

pub(crate) mod actor_name;
pub(crate) mod api_key;
pub(crate) mod assignee;
pub(crate) mod attention;
pub(crate) mod authorization;
pub(crate) mod company_setting;
pub(crate) mod connection;
pub(crate) mod contact;
pub(crate) mod contact_upload;
pub(crate) mod dossier;
pub(crate) mod duplicate;
pub(crate) mod failed_log_in;
pub(crate) mod field_policy;
pub(crate) mod idempotency;
pub(crate) mod job_counts;
pub(crate) mod mail_template;
pub(crate) mod note;
pub(crate) mod operator;
pub(crate) mod recovery_code;
pub(crate) mod request;
pub(crate) mod request_link;
pub(crate) mod session;
pub(crate) mod task;
pub(crate) mod task_status;
pub(crate) mod ticket;
pub(crate) mod vendor_job;
