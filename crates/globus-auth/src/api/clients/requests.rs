//! What the service is told about clients.

use globus_core::{Field, IntoId};
use serde_json::{Value, json};

use super::{ClientType, ClientVisibility};
use crate::api::{
    document::{Members, request_documents},
    identities::IdentityProviderId,
    projects::ProjectId,
};

request_documents! {
    /// Describes a client to register.
    ///
    /// ```
    /// use globus_auth::api::clients::{ClientType, NewClient};
    ///
    /// let project = "d6e7f8a9-bbbb-4ccc-8ddd-344445555666";
    /// let robot = NewClient::new("Nightly robot", project, ClientType::ClientIdentity);
    /// assert_eq!(serde_json::to_value(&robot)?["client_type"], "client_identity");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct NewClient;
    /// Describes a client to register below another one, without a project of its own.
    ///
    /// ```
    /// use globus_auth::api::clients::NewChildClient;
    ///
    /// let child = NewChildClient::confidential("Portal of the north site");
    /// assert_eq!(serde_json::to_string(&child)?, r#"{"name":"Portal of the north site","public_client":false}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct NewChildClient;
    /// Describes a change of a client: what is not set stays as it is.
    ///
    /// ```
    /// use globus_auth::api::clients::ClientUpdate;
    /// use globus_core::Field;
    ///
    /// let update = ClientUpdate::new().name("Portal").required_idp(Field::Null);
    /// assert_eq!(serde_json::to_string(&update)?, r#"{"name":"Portal","required_idp":null}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[derive(Default)]
    pub struct ClientUpdate;
}

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Says who can see the client. Service default: its administrators only.
        pub fn visibility(mut self, visibility: impl Into<ClientVisibility>) -> Self {
            self.0.set("visibility", visibility.into().as_str());
            self
        }

        /// Sets where a login may send the browser.
        pub fn redirect_uris<S: Into<String>>(mut self, uris: impl IntoIterator<Item = S>) -> Self {
            self.0.texts("redirect_uris", uris);
            self
        }

        /// Sets the addresses of the terms and conditions and of the privacy policy, which users are shown when they
        /// log in. The service takes both or neither.
        #[doc(alias = "terms_and_conditions")]
        #[doc(alias = "privacy_policy")]
        pub fn links(
            mut self,
            terms_and_conditions: impl Into<String>,
            privacy_policy: impl Into<String>,
        ) -> Self {
            let links = json!({
                "terms_and_conditions": terms_and_conditions.into(),
                "privacy_policy": privacy_policy.into(),
            });
            self.0.set("links", links);
            self
        }
    };
}

/// The setters of those that are to be registered.
macro_rules! new_client_setters {
    () => {
        /// Demands an identity of this provider: a user without one cannot log in.
        pub fn required_idp(mut self, id: impl IntoId<IdentityProviderId>) -> Self {
            self.0.id("required_idp", id);
            self
        }

        /// Proposes this provider to users who log in.
        pub fn preselect_idp(mut self, id: impl IntoId<IdentityProviderId>) -> Self {
            self.0.id("preselect_idp", id);
            self
        }
    };
}

impl NewClient {
    /// Describes a client of this type, with this name, which users see when they log in, in this project.
    pub fn new(
        name: impl Into<String>,
        project_id: impl IntoId<ProjectId>,
        client_type: impl Into<ClientType>,
    ) -> Self {
        let mut client = Self::unspecified(name, project_id);
        client.0.set("client_type", client_type.into().as_str());
        client
    }

    /// Describes a client that cannot keep a secret, such as a program that people install. The service makes it a
    /// [`PublicInstalledClient`](ClientType::PublicInstalledClient).
    #[doc(alias = "public_client")]
    pub fn public(name: impl Into<String>, project_id: impl IntoId<ProjectId>) -> Self {
        let mut client = Self::unspecified(name, project_id);
        client.0.set("public_client", true);
        client
    }

    /// Describes a client that keeps a secret, such as a web server. The service makes it a
    /// [`HybridConfidentialClientResourceServer`](ClientType::HybridConfidentialClientResourceServer).
    #[doc(alias = "public_client")]
    pub fn confidential(name: impl Into<String>, project_id: impl IntoId<ProjectId>) -> Self {
        let mut client = Self::unspecified(name, project_id);
        client.0.set("public_client", false);
        client
    }

    fn unspecified(name: impl Into<String>, project_id: impl IntoId<ProjectId>) -> Self {
        let mut members = Members::default();
        members.set("name", name.into());
        members.id("project", project_id);
        Self(members)
    }

    common_setters!();
    new_client_setters!();
}

impl NewChildClient {
    /// Describes a client of this type, with this name, which users see when they log in.
    pub fn new(name: impl Into<String>, client_type: impl Into<ClientType>) -> Self {
        Self::unspecified(name, "client_type", client_type.into().as_str())
    }

    /// Describes a client that cannot keep a secret, such as a program that people install. The service makes it a
    /// [`PublicInstalledClient`](ClientType::PublicInstalledClient).
    #[doc(alias = "public_client")]
    pub fn public(name: impl Into<String>) -> Self {
        Self::unspecified(name, "public_client", true)
    }

    /// Describes a client that keeps a secret, such as a web server. The service makes it a
    /// [`HybridConfidentialClientResourceServer`](ClientType::HybridConfidentialClientResourceServer).
    #[doc(alias = "public_client")]
    pub fn confidential(name: impl Into<String>) -> Self {
        Self::unspecified(name, "public_client", false)
    }

    fn unspecified(name: impl Into<String>, sort: &str, value: impl Into<Value>) -> Self {
        let mut members = Members::default();
        members.set("name", name.into());
        members.set(sort, value.into());
        Self(members)
    }

    common_setters!();
    new_client_setters!();
}

impl ClientUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name, which users see when they log in.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.set("name", name.into());
        self
    }

    common_setters!();

    /// Takes away the addresses of the terms and conditions and of the privacy policy.
    pub fn without_links(mut self) -> Self {
        self.0.set("links", json!({"terms_and_conditions": null, "privacy_policy": null}));
        self
    }

    /// Demands an identity of this provider; `Field::Null` demands none.
    pub fn required_idp(mut self, id: impl Into<Field<IdentityProviderId>>) -> Self {
        self.0.field("required_idp", text(id.into()));
        self
    }

    /// Proposes this provider to users who log in; `Field::Null` proposes none.
    pub fn preselect_idp(mut self, id: impl Into<Field<IdentityProviderId>>) -> Self {
        self.0.field("preselect_idp", text(id.into()));
        self
    }
}

fn text(id: Field<IdentityProviderId>) -> Field<String> {
    match id {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Value(id) => Field::Value(id.to_string()),
    }
}
