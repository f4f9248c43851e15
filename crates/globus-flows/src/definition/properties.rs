//! How a state is written: its properties once, and from them its fields, its setters and its JSON.

/// Declares a state: a struct with its properties as fields, a setter for each, and what the service does not know yet
/// kept aside.
///
/// Kinds: `text`, `number`, `flag`, `value` (any JSON), `object` (an object that grows member by member), `texts`.
macro_rules! state {
    (
        $(#[$doc:meta])*
        pub struct $State:ident {
            $($(#[$property_doc:meta])* $name:ident: $kind:ident,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[non_exhaustive]
        #[must_use = "a state does nothing until it is part of a definition"]
        pub struct $State {
            /// A note for people.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub comment: Option<String>,
            $(
                $(#[$property_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<$crate::definition::properties::state!(@type $kind)>,
            )*
            #[serde(flatten)]
            extra: globus_core::Extra,
        }

        impl $State {
            /// Sets the note for people.
            pub fn comment(mut self, comment: impl Into<String>) -> Self {
                self.comment = Some(comment.into());
                self
            }

            $($crate::definition::properties::state!(@setter [$($property_doc)*] $name $kind);)*

            /// Gives the members that this version of the SDK does not know.
            #[must_use]
            pub fn extra(&self) -> &globus_core::Extra {
                &self.extra
            }
        }
    };
    (@type text) => { String };
    (@type number) => { u64 };
    (@type flag) => { bool };
    (@type end) => { bool };
    (@type value) => { serde_json::Value };
    (@type object) => { serde_json::Map<String, serde_json::Value> };
    (@type catch) => { Vec<$crate::definition::Catch> };
    (@setter [$($doc:meta)*] $name:ident text) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<String>) -> Self {
            self.$name = Some($name.into());
            self
        }
    };
    (@setter [$($doc:meta)*] $name:ident number) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: u64) -> Self {
            self.$name = Some($name);
            self
        }
    };
    (@setter [$($doc:meta)*] $name:ident flag) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: bool) -> Self {
            self.$name = Some($name);
            self
        }
    };
    (@setter [$($doc:meta)*] $name:ident end) => {
        /// Ends the run after this state.
        pub fn $name(mut self) -> Self {
            self.$name = Some(true);
            self
        }
    };
    (@setter [$($doc:meta)*] $name:ident value) => {
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<serde_json::Value>) -> Self {
            self.$name = Some($name.into());
            self
        }
    };
    (@setter [$($doc:meta)*] $name:ident object) => {
        /// Sets one parameter. The end of its name says what its value is: `name` a constant, `name.$` a path into the
        /// run's state, `name.=` an expression.
        pub fn parameter(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
            self.$name.get_or_insert_default().insert(name.into(), value.into());
            self
        }

        /// Sets these parameters too, each as [`parameter`](Self::parameter) does.
        pub fn parameters<N: Into<String>, V: Into<serde_json::Value>>(
            mut self,
            parameters: impl IntoIterator<Item = (N, V)>,
        ) -> Self {
            let parameters = parameters.into_iter().map(|(name, value)| (name.into(), value.into()));
            self.$name.get_or_insert_default().extend(parameters);
            self
        }

        /// Hides these parameters from all who may not change the flow, and from the run's log.
        pub fn private_parameters<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
            let names: Vec<String> = names.into_iter().map(Into::into).collect();
            self.parameter("__Private_Parameters", names)
        }
    };
    (@setter [$($doc:meta)*] $name:ident catch) => {
        /// Adds what is done about errors: the first catcher that fits an error takes it.
        pub fn $name(mut self, catcher: $crate::definition::Catch) -> Self {
            self.$name.get_or_insert_default().push(catcher);
            self
        }
    };
}
pub(super) use state;
