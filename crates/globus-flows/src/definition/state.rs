//! The states of a definition.

use globus_core::Extra;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::Error as _};
use serde_json::{Value, json};

use super::{Choice, properties::state};
use crate::RegisteredApiId;

/// Is one state of a definition.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// Calls an action provider or a registered API, and waits until it is done.
    Action(Box<Action>),
    /// Goes on at one of several states.
    Choice(Choice),
    /// Changes the run's state, or nothing.
    Pass(Box<Pass>),
    /// Evaluates expressions.
    ExpressionEval(Box<ExpressionEval>),
    /// Waits for a time.
    Wait(Box<Wait>),
    /// Ends the run without success.
    Fail(Box<Fail>),
    /// Asks people a question, and goes on at once.
    CreateWebInput(Box<CreateWebInput>),
    /// Waits for the answer to a question.
    AwaitWebInput(Box<AwaitWebInput>),
    /// Is of a type that this version of the SDK does not know; the JSON as it is.
    Unknown(Value),
}

state! {
    /// Calls an action provider or a registered API, and waits until it is done.
    ///
    /// What it answers goes to `ResultPath`; what was asked for stands there under `details`.
    pub struct Action {
        /// Sets the address of the action provider. A flow is one too, at [`Flow::flow_url`](crate::Flow::flow_url).
        action_url: text,
        /// Sets the scope of the action, where the provider does not say it.
        action_scope: text,
        /// Sets what is called, in place of `ActionUrl`: a handle as text, or an object with `Type` (`ActionProvider` or
        /// `RegisteredAPI`) and `Url` or `Id`.
        handler: value,
        /// What the action is given.
        parameters: object,
        /// Gives the action what lies at this path, in place of parameters.
        input_path: text,
        /// Puts what the action answers at this path. Service default: `$`, the whole state.
        result_path: text,
        /// Gives the action up after this many seconds. Service default: 300.
        wait_time: number,
        /// Raises `ActionFailedException` when the action fails, instead of going on with its answer. Service default:
        /// true.
        exception_on_action_failure: flag,
        /// Acts as the run's owner (`User`, the service's default), the flow's own identity (`Flow`), or as whoever gave a
        /// token for this role.
        run_as: text,
        /// What is done about errors.
        catch: catch,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

state! {
    /// Changes the run's state, or nothing.
    pub struct Pass {
        /// What is put at `ResultPath`.
        parameters: object,
        /// Puts what lies at this path at `ResultPath`.
        input_path: text,
        /// Puts this object at `ResultPath`, as it is.
        result: value,
        /// Puts the result at this path. Service default: `$`, the whole state.
        result_path: text,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

state! {
    /// Evaluates expressions, and puts what they give at `ResultPath`.
    pub struct ExpressionEval {
        /// What is put at `ResultPath`.
        parameters: object,
        /// Puts the result at this path.
        result_path: text,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

state! {
    /// Waits for a time: for so many seconds, or until a moment. Give one of the four.
    pub struct Wait {
        /// Waits this many seconds, at most a year.
        seconds: number,
        /// Waits as many seconds as lie at this path.
        seconds_path: text,
        /// Waits until this moment (RFC 3339).
        timestamp: text,
        /// Waits until the moment that lies at this path.
        timestamp_path: text,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

state! {
    /// Ends the run without success.
    pub struct Fail {
        /// Names the error.
        error: text,
        /// Takes the error's name from this path.
        error_path: text,
        /// Says why, for people.
        cause: text,
        /// Takes the cause from this path.
        cause_path: text,
    }
}

state! {
    /// Asks people a question, and goes on at once: [`AwaitWebInput`] waits for the answer.
    pub struct CreateWebInput {
        /// The question: `InputType`, `Context`, `Options`, `RespondentUrns`, `ViewerUrns`.
        parameters: object,
        /// Takes the question from this path, in place of parameters.
        input_path: text,
        /// Puts the question's id at this path, as `web_input_id`.
        result_path: text,
        /// What is done about errors.
        catch: catch,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

state! {
    /// Waits for the answer to a question.
    pub struct AwaitWebInput {
        /// Which question: `web_input_id`.
        parameters: object,
        /// Takes the question's id from this path, in place of parameters.
        input_path: text,
        /// Puts the answer at this path, as `response`.
        result_path: text,
        /// What is done about errors: `Flows.WebInputExpired`, say.
        catch: catch,
        /// Goes on at this state.
        next: text,
        /// Whether the run ends after this state.
        end: end,
    }
}

impl Action {
    /// Calls the action provider at this address.
    pub fn new(action_url: impl Into<String>) -> Self {
        Self { action_url: Some(action_url.into()), ..Self::default() }
    }

    /// Calls a registered API.
    pub fn registered_api(id: RegisteredApiId) -> Self {
        Self::handled_by(json!({"Type": "RegisteredAPI", "Id": id}))
    }

    /// Calls what this handler names: a handle as text, or an object.
    pub fn handled_by(handler: impl Into<Value>) -> Self {
        Self { handler: Some(handler.into()), ..Self::default() }
    }
}

impl Pass {
    /// Changes nothing.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ExpressionEval {
    /// Puts what its parameters give at this path.
    pub fn new(result_path: impl Into<String>) -> Self {
        Self { result_path: Some(result_path.into()), ..Self::default() }
    }
}

impl Wait {
    /// Waits this many seconds, at most a year.
    pub fn for_seconds(seconds: u64) -> Self {
        Self { seconds: Some(seconds), ..Self::default() }
    }

    /// Waits as many seconds as lie at this path.
    pub fn for_seconds_at(path: impl Into<String>) -> Self {
        Self { seconds_path: Some(path.into()), ..Self::default() }
    }

    /// Waits until this moment (RFC 3339).
    pub fn until(timestamp: impl Into<String>) -> Self {
        Self { timestamp: Some(timestamp.into()), ..Self::default() }
    }

    /// Waits until the moment that lies at this path.
    pub fn until_at(path: impl Into<String>) -> Self {
        Self { timestamp_path: Some(path.into()), ..Self::default() }
    }
}

impl Fail {
    /// Ends the run without saying why.
    pub fn new() -> Self {
        Self::default()
    }
}

impl CreateWebInput {
    /// Asks a question that is still to be set, and puts its id at this path.
    pub fn new(result_path: impl Into<String>) -> Self {
        Self { result_path: Some(result_path.into()), ..Self::default() }
    }
}

impl AwaitWebInput {
    /// Waits for the answer to the question whose id lies at this path.
    pub fn new(web_input_id_path: impl Into<String>) -> Self {
        Self::default().parameter("web_input_id.$", web_input_id_path.into())
    }
}

/// Says what is done about some errors of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Catch {
    /// The errors: `ActionFailedException`, `ActionTimeout`, `ActionUnableToRun`, …, or `States.ALL` for every one.
    pub error_equals: Vec<String>,
    /// Where the run goes on.
    pub next: String,
    /// Where the error is put. Service default: `$`, in place of the whole state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_path: Option<String>,
    #[serde(flatten)]
    extra: Extra,
}

impl Catch {
    /// Goes on at `next` after one of these errors.
    pub fn new<S: Into<String>>(errors: impl IntoIterator<Item = S>, next: impl Into<String>) -> Self {
        Self {
            error_equals: errors.into_iter().map(Into::into).collect(),
            next: next.into(),
            result_path: None,
            extra: Extra::default(),
        }
    }

    /// Goes on at `next` after any error.
    pub fn all(next: impl Into<String>) -> Self {
        Self::new(["States.ALL"], next)
    }

    /// Puts the error at this path.
    #[must_use]
    pub fn result_path(mut self, path: impl Into<String>) -> Self {
        self.result_path = Some(path.into());
        self
    }

    /// Gives the members that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }
}

/// Writes the types that are states once.
macro_rules! states {
    ($($Type:ident: $Held:ty, $next:expr, $catch:expr;)+) => {
        impl State {
            /// Gives the word of the service for the state's type; empty when it has none.
            #[must_use]
            pub fn state_type(&self) -> &str {
                match self {
                    $(Self::$Type(_) => stringify!($Type),)+
                    Self::Unknown(value) => value.get("Type").and_then(Value::as_str).unwrap_or_default(),
                }
            }

            /// Names the states that may come after this one, catchers last.
            pub(super) fn following(&self) -> Vec<&str> {
                match self {
                    $(Self::$Type(state) => {
                        let next: fn(&$Held) -> Vec<&str> = $next;
                        let caught: fn(&$Held) -> Option<&Vec<Catch>> = $catch;
                        let caught = caught(state).into_iter().flatten().map(|catch| catch.next.as_str());
                        next(state).into_iter().chain(caught).collect()
                    })+
                    Self::Unknown(value) => value.get("Next").and_then(Value::as_str).into_iter().collect(),
                }
            }

            fn typed(kind: &str, value: &Value) -> Option<Result<Self, serde_json::Error>> {
                Some(match kind {
                    $(stringify!($Type) => <$Held>::deserialize(value).map(Self::from),)+
                    _ => return None,
                })
            }

            fn untyped(&self) -> Result<Value, serde_json::Error> {
                match self {
                    $(Self::$Type(state) => serde_json::to_value(state),)+
                    Self::Unknown(value) => Ok(value.clone()),
                }
            }
        }
    };
}

states! {
    Action: Action, |state| state.next.as_deref().into_iter().collect(), |state| state.catch.as_ref();
    Choice: Choice, Choice::following, |_| None;
    Pass: Pass, |state| state.next.as_deref().into_iter().collect(), |_| None;
    ExpressionEval: ExpressionEval, |state| state.next.as_deref().into_iter().collect(), |_| None;
    Wait: Wait, |state| state.next.as_deref().into_iter().collect(), |_| None;
    Fail: Fail, |_| Vec::new(), |_| None;
    CreateWebInput: CreateWebInput, |state| state.next.as_deref().into_iter().collect(), |state| state.catch.as_ref();
    AwaitWebInput: AwaitWebInput, |state| state.next.as_deref().into_iter().collect(), |state| state.catch.as_ref();
}

/// Lets each type be given where a state is asked for.
macro_rules! into_state {
    ($($Type:ident)+) => {
        $(
            impl From<$Type> for State {
                fn from(state: $Type) -> Self {
                    Self::$Type(Box::new(state))
                }
            }
        )+
    };
}

into_state! { Action Pass ExpressionEval Wait Fail CreateWebInput AwaitWebInput }

impl From<Choice> for State {
    fn from(state: Choice) -> Self {
        Self::Choice(state)
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = self.untyped().map_err(S::Error::custom)?;
        if let (Value::Object(members), false) = (&mut value, matches!(self, Self::Unknown(_))) {
            members.insert("Type".to_owned(), self.state_type().into());
        }
        value.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        let Some(members) = value.as_object_mut() else {
            return Err(de::Error::custom("a state must be an object"));
        };
        let kind = match members.get("Type") {
            Some(Value::String(kind)) => kind.clone(),
            _ => return Ok(Self::Unknown(value)),
        };
        members.remove("Type");
        if let Some(state) = Self::typed(&kind, &value) {
            return state.map_err(|error| de::Error::custom(format!("{kind} state: {error}")));
        }
        if let Some(members) = value.as_object_mut() {
            members.insert("Type".to_owned(), kind.into());
        }
        Ok(Self::Unknown(value))
    }
}
