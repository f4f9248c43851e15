//! Rules that pause what happens on a collection.

use globus_core::{CollectionId, request};

use crate::{
    TransferClient,
    files::OperationResult,
    pause::{NewPauseRule, PauseRule, PauseRuleId, PauseRuleList, PauseRuleUpdate},
};

request! {
    /// # Endpoint manager: pause rules
    impl TransferClient {
        /// Lists the pause rules on the collections that the user looks after.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// for rule in transfer.endpoint_manager_pause_rule_list().send().await?.data {
        ///     println!("{} {:?} {:?}", rule.id, rule.endpoint_display_name, rule.message);
        /// }
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor`. The list comes whole.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_pause_rules>
        #[doc(alias = "endpoint-manager pause-rule list")]
        fn endpoint_manager_pause_rule_list() -> EndpointManagerPauseRuleList => PauseRuleList {
            GET "v0.10" / "endpoint_manager" / "pause_rule_list";
            query {
                /// Gives the rules on this collection.
                filter_endpoint: id CollectionId;
                /// Gives the rules on this host and the guest collections on it.
                filter_host_endpoint: id CollectionId;
            }
        }

        /// Makes a pause rule on a collection. It holds for the tasks that run there, and those to come.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::pause::NewPauseRule;
        ///
        /// let rule = NewPauseRule::new("ddb59aef-6d04-11e5-ba46-22000b92c6ec", "The tape library moves until Friday.");
        /// let rule = transfer.endpoint_manager_create_pause_rule(rule).send().await?;
        /// println!("{}", rule.id);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the collection or its host. Not retried when it may have reached the
        /// service.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking,
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is no such collection.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#create_pause_rule>
        #[doc(alias = "endpoint-manager pause-rule create")]
        fn endpoint_manager_create_pause_rule(rule: document NewPauseRule) -> EndpointManagerCreatePauseRule => PauseRule {
            POST "v0.10" / "endpoint_manager" / "pause_rule";
            with document rule;
        }

        /// Describes a pause rule.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// let rule = "9a0e6d0c-0b63-4f4e-9f57-111111111111";
        /// println!("{:?}", transfer.endpoint_manager_get_pause_rule(rule).send().await?.message);
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_monitor` on the collection or its host.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#get_pause_rule>
        fn endpoint_manager_get_pause_rule(pause_rule_id: id PauseRuleId) -> EndpointManagerGetPauseRule => PauseRule {
            GET "v0.10" / "endpoint_manager" / "pause_rule" / pause_rule_id;
        }

        /// Changes what a pause rule pauses, or its message.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// use globus_transfer::pause::PauseRuleUpdate;
        ///
        /// let rule = "9a0e6d0c-0b63-4f4e-9f57-111111111111";
        /// let update = PauseRuleUpdate::new().message("It takes until Monday.");
        /// transfer.endpoint_manager_update_pause_rule(rule, update).send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the collection, or on the host where a manager of the host made the rule:
        /// [`PauseRule::editable`] tells.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#update_pause_rule>
        fn endpoint_manager_update_pause_rule(
            pause_rule_id: id PauseRuleId, update: document PauseRuleUpdate
        ) -> EndpointManagerUpdatePauseRule => PauseRule {
            PUT "v0.10" / "endpoint_manager" / "pause_rule" / pause_rule_id;
            with document update;
        }

        /// Deletes a pause rule. What no other rule pauses goes on.
        ///
        /// ```no_run
        /// # async fn example(transfer: globus_transfer::TransferClient) -> globus_transfer::Result<()> {
        /// transfer.endpoint_manager_delete_pause_rule("9a0e6d0c-0b63-4f4e-9f57-111111111111").send().await?;
        /// # Ok(()) }
        /// ```
        ///
        /// Needs the role `activity_manager` on the collection, or on the host where a manager of the host made the rule.
        ///
        /// Scope: [`ALL`](globus_core::scope::transfer::ALL).
        ///
        /// # Errors
        /// [`is_not_found`](globus_core::Error::is_not_found) when there is none,
        /// [`is_permission_denied`](globus_core::Error::is_permission_denied) when the role is lacking.
        ///
        /// Service: <https://docs.globus.org/api/transfer/advanced_collection_management/#delete_pause_rule>
        fn endpoint_manager_delete_pause_rule(pause_rule_id: id PauseRuleId) -> EndpointManagerDeletePauseRule => OperationResult {
            DELETE "v0.10" / "endpoint_manager" / "pause_rule" / pause_rule_id;
        }
    }
}
