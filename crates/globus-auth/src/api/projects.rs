//! Projects: what developers register their clients and policies in.

use globus_core::{Extra, GroupId, IdentityId, IntoId, request, uuid_id};
use serde::{Deserialize, Serialize};

use super::{
    AuthClient,
    document::{Members, envelopes, extra_accessors, or_default, request_documents},
    identities::Identity,
};

uuid_id! {
    /// Names a project.
    pub struct ProjectId, "project id";
}

request! {
    /// # Projects
    impl AuthClient {
        /// Gives a project.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// let project = auth.get_project("d6e7f8a9-bbbb-4ccc-8ddd-344445555666").send().await?;
        /// println!("{:?}", project.display_name);
        /// # Ok(()) }
        /// ```
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator who has
        /// authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// [`is_not_found`](crate::Error::is_not_found) when there is no such project;
        /// [`is_permission_denied`](crate::Error::is_permission_denied) when the user is no administrator of it or has
        /// to authenticate again, for which [`Gare::from_error`](crate::gare::Gare::from_error) gives what to ask for.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_projects>
        fn get_project(project_id: id ProjectId) -> GetProject => ProjectEnvelope as Project {
            GET "v2" / "api" / "projects" / project_id;
        }

        /// Lists the projects that the user administers.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// for project in auth.get_projects().send().await? {
        ///     println!("{} {:?}", project.id, project.display_name);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Gives all of them at once.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS).
        ///
        /// # Errors
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#get_projects>
        fn get_projects() -> GetProjects => ProjectsEnvelope as Vec<Project> {
            GET "v2" / "api" / "projects";
        }

        /// Creates a project.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::projects::NewProject;
        ///
        /// let me = auth.userinfo().send().await?.sub;
        /// let project = NewProject::new("Data Portal", "ops@example.edu").admin_ids([me]);
        /// let project = auth.create_project(project).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// The service wants at least one administrator: an identity or a group. Sending this twice makes two projects,
        /// so it is not tried again once it may have reached the service.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS).
        ///
        /// # Errors
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before anything is sent, when an id is none.
        /// [`is_permission_denied`](crate::Error::is_permission_denied) without the scope; status 400 or 422 when the
        /// service does not like a member.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#create_project>
        fn create_project(project: document NewProject) -> CreateProject => ProjectEnvelope as Project {
            POST "v2" / "api" / "projects";
            with json { "project" = project; }
        }

        /// Changes a project: what the update leaves out stays as it is.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// use globus_auth::api::projects::ProjectUpdate;
        ///
        /// let update = ProjectUpdate::new().contact_email("portal@example.edu");
        /// auth.update_project("d6e7f8a9-bbbb-4ccc-8ddd-344445555666", update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Lists are replaced as a whole.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator who has
        /// authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`create_project`](AuthClient::create_project) and [`get_project`](AuthClient::get_project).
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#update_project>
        fn update_project(project_id: id ProjectId, update: document ProjectUpdate)
            -> UpdateProject => ProjectEnvelope as Project
        {
            PUT "v2" / "api" / "projects" / project_id;
            with json { "project" = update; }
        }

        /// Deletes a project, and gives it as it was.
        ///
        /// ```no_run
        /// # async fn example(auth: globus_auth::AuthClient) -> globus_auth::Result<()> {
        /// auth.delete_project("d6e7f8a9-bbbb-4ccc-8ddd-344445555666").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Delete its clients first.
        ///
        /// Scope: [`MANAGE_PROJECTS`](globus_core::scope::auth::MANAGE_PROJECTS), and an administrator who has
        /// authenticated within the last 30 minutes.
        ///
        /// # Errors
        /// Those of [`get_project`](AuthClient::get_project); after a broken connection,
        /// [`is_not_found`](crate::Error::is_not_found) may mean that an earlier try deleted it.
        ///
        /// Service: <https://docs.globus.org/api/auth/reference/#delete_project>
        fn delete_project(project_id: id ProjectId) -> DeleteProject => ProjectEnvelope as Project {
            DELETE "v2" / "api" / "projects" / project_id;
        }
    }
}

envelopes! {
    ProjectEnvelope { project: Project }
    ProjectsEnvelope { projects: Vec<Project> }
}

request_documents! {
    /// Describes a project to create.
    ///
    /// ```
    /// use globus_auth::api::projects::NewProject;
    ///
    /// let project = NewProject::new("Data Portal", "ops@example.edu")
    ///     .admin_group_ids(["c1a5d0b2-9f7e-4a63-8a0e-6f2b1c3d4e5f"]);
    /// assert_eq!(serde_json::to_value(&project)?["display_name"], "Data Portal");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct NewProject;
    /// Describes a change of a project: what is not set stays as it is.
    #[derive(Default)]
    pub struct ProjectUpdate;
}

/// The setters that both documents have.
macro_rules! common_setters {
    () => {
        /// Sets the identities that administer the project. Without groups, at least one.
        pub fn admin_ids(mut self, ids: impl IntoIterator<Item: IntoId<IdentityId>>) -> Self {
            self.0.ids("admin_ids", ids);
            self
        }

        /// Sets the groups whose members administer the project. Without identities, at least one.
        pub fn admin_group_ids(mut self, ids: impl IntoIterator<Item: IntoId<GroupId>>) -> Self {
            self.0.ids("admin_group_ids", ids);
            self
        }
    };
}

impl NewProject {
    /// Describes a project with this name and this address of those who look after it. It needs an administrator too.
    pub fn new(display_name: impl Into<String>, contact_email: impl Into<String>) -> Self {
        let mut members = Members::default();
        members.set("display_name", display_name.into());
        members.set("contact_email", contact_email.into());
        Self(members)
    }

    common_setters!();
}

impl ProjectUpdate {
    /// Changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.0.set("display_name", name.into());
        self
    }

    /// Sets the address of those who look after it.
    pub fn contact_email(mut self, address: impl Into<String>) -> Self {
        self.0.set("contact_email", address.into());
        self
    }

    common_setters!();
}

/// Describes a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Project {
    /// The id.
    pub id: ProjectId,
    /// The name.
    pub display_name: Option<String>,
    /// The name again.
    pub project_name: Option<String>,
    /// The address of those who look after it.
    pub contact_email: Option<String>,
    /// The identities that administer it.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_ids: Vec<IdentityId>,
    /// The groups whose members administer it.
    #[serde(default, deserialize_with = "or_default")]
    pub admin_group_ids: Vec<GroupId>,
    /// Who all these are.
    pub admins: Option<ProjectAdmins>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes those who administer a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProjectAdmins {
    /// The identities.
    #[serde(default, deserialize_with = "or_default")]
    pub identities: Vec<Identity>,
    /// The groups.
    #[serde(default, deserialize_with = "or_default")]
    pub groups: Vec<AdminGroup>,
    #[serde(flatten)]
    extra: Extra,
}

/// Describes a group that administers a project.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AdminGroup {
    /// The id.
    pub id: GroupId,
    /// The name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whose it is.
    pub organization: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

extra_accessors!(Project, ProjectAdmins, AdminGroup);
