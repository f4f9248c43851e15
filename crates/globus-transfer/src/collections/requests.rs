//! What the service is told about endpoints and collections.

use globus_core::{CollectionId, IntoId, SubscriptionId};
use serde::{Serialize, Serializer};

use crate::endpoints::{ActivityNotificationPolicy, NetworkUse};

/// Says which subscription to put a collection under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the service takes an id, `DEFAULT` or `null`")]
pub enum Subscription {
    /// This one.
    Id(SubscriptionId),
    /// The user's only one.
    Default,
    /// None: takes the collection from under its subscription.
    None,
}

impl From<SubscriptionId> for Subscription {
    fn from(id: SubscriptionId) -> Self {
        Self::Id(id)
    }
}

/// `None` is no subscription.
impl From<Option<SubscriptionId>> for Subscription {
    fn from(id: Option<SubscriptionId>) -> Self {
        id.map_or(Self::None, Self::Id)
    }
}

impl Serialize for Subscription {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Id(id) => id.serialize(serializer),
            Self::Default => serializer.serialize_str("DEFAULT"),
            Self::None => serializer.serialize_none(),
        }
    }
}

/// Declares a request document with the members that every endpoint and collection has.
macro_rules! endpoint_document {
    ($(#[$doc:meta])+ pub $struct_or_update:ident $Document:ident as $data_type:literal { $($members:tt)* }) => {
        $crate::parts::request_document! {
            $(#[$doc])+
            pub $struct_or_update $Document as $data_type {
                /// Says what it is for.
                description: field String;
                /// Names the organization that runs it.
                organization: field String;
                /// Names the department that runs it.
                department: field String;
                /// Gives words to find it by, with commas between them.
                keywords: field String;
                /// Gives the e-mail address to turn to.
                contact_email: field String;
                /// Says how to reach those who run it.
                contact_info: field String;
                /// Gives the address of a page about it.
                info_link: field String;
                /// Names the directory that is listed when no path is given. Service default: the home directory, or
                /// the root of a guest collection.
                default_directory: field String;
                /// Encrypts all transfers. Service default: false.
                force_encryption: optional bool;
                /// Never compares checksums. Service default: false.
                disable_verify: optional bool;
                /// Always compares checksums. Service default: false.
                force_verify: optional bool;
                $($members)*
            }
        }
    };
}
pub(crate) use endpoint_document;

endpoint_document! {
    /// Describes a change of a collection on Globus Connect Personal: what is not set stays as it is.
    ///
    /// ```
    /// use globus_transfer::collections::EndpointUpdate;
    /// let update = EndpointUpdate::new().display_name("lab share").department(None);
    /// ```
    pub update EndpointUpdate as "endpoint" {
        /// Names it, for people.
        display_name: text;
        /// Gives the username to show as the owner's, one of the owner's own.
        owner_string: text;
        /// Limits how long new permissions may last, in minutes.
        acl_max_expiration_period_mins: field u64;
        /// Says when the owner hears of what happens on it. Guest collections only.
        guest_collection_activity_notification_policy: field ActivityNotificationPolicy;
        /// Shows this notice to users. Mapped collections only, as all that follow.
        user_message: field String;
        /// Gives the address of a page about the notice.
        user_message_link: field String;
        /// Lets everybody find it, or only those with a role.
        public: optional bool;
        /// Says for how long a login counts, in minutes.
        authentication_timeout_mins: field u64;
        /// Says where it is: `Automatic`, or latitude and longitude with a comma, in degrees.
        location: field String;
        /// Says how much of the network transfers may take. Needs a subscription.
        network_use: any NetworkUse;
        /// Transfers at most this many files at once. Together with [`NetworkUse::Custom`] only, as those below.
        max_concurrency: field u32;
        /// Usually transfers this many files at once.
        preferred_concurrency: field u32;
        /// Transfers a file with at most this many streams.
        max_parallelism: field u32;
        /// Usually transfers a file with this many streams.
        preferred_parallelism: field u32;
    }
}

endpoint_document! {
    /// Describes a guest collection to make on Globus Connect Personal.
    pub struct NewSharedEndpoint as "shared_endpoint" {
        /// Limits how long permissions may last, in minutes. Default: the host's limit, if it has one.
        acl_max_expiration_period_mins: field u64;
        /// Says when the owner hears of what happens on it.
        guest_collection_activity_notification_policy: field ActivityNotificationPolicy;
    }
}

impl NewSharedEndpoint {
    /// Shares this directory of a mapped collection, under a name for people.
    pub fn new(
        host_endpoint: impl IntoId<CollectionId>,
        host_path: impl Into<String>,
        display_name: impl Into<String>,
    ) -> Self {
        let mut new = Self::start();
        new.0.id::<CollectionId>("host_endpoint", host_endpoint);
        crate::parts::set_path(&mut new.0, "host_path", host_path);
        new.0.set("display_name", display_name.into());
        new
    }
}
