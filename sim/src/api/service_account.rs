//! ServiceAccounts.

use crate::noun;
use crate::value::Value;

noun! {
    pub struct ServiceAccount {
        automount_token: Option<bool> = "automountServiceAccountToken";
        image_pull_secrets: Value = "imagePullSecrets";
    }
}
