//! What is drawn: the states of a flow and the ways between them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::trace::Place;
use crate::definition::{Definition, Rule, State, Test};

/// The states and the ways between them, in the order in which a run comes to them.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    State,
    Choice,
    Fail,
    /// A state that is named and does not exist.
    Missing,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The state's name; empty for the beginning and the end.
    pub(super) name: String,
    /// What it is and does, in a few words.
    pub(super) detail: String,
}

impl Node {
    pub(super) fn place(&self) -> Place<'_> {
        match self.kind {
            Kind::Start => Place::Start,
            Kind::End => Place::End,
            _ => Place::State(&self.name),
        }
    }
}

/// All ways from one state to another.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// When they are taken; empty for always.
    pub(super) label: String,
    /// Whether they are taken after errors only.
    pub(super) caught: bool,
}

/// One way to a state, or to the end.
struct Way<'a> {
    to: Option<&'a str>,
    label: String,
    caught: bool,
}

impl Graph {
    pub(super) fn of(definition: &Definition) -> Self {
        let mut graph = Self { nodes: Vec::new(), edges: Vec::new() };
        let start = graph.add(Kind::Start, "", String::new());
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        let first = graph.state(definition, &mut known, &definition.start_at);
        graph.connect(start, first, "", false);
        // States come in the order of their distance from the beginning; those that nothing leads to come last.
        let mut end = None;
        let mut next = start + 1;
        let mut rest = definition.states.keys();
        loop {
            let Some(node) = graph.nodes.get(next) else {
                match rest.next() {
                    Some(name) => graph.state(definition, &mut known, name),
                    None => break,
                };
                continue;
            };
            let state = definition.states.get_key_value(node.name.as_str());
            for way in state.map(|(_, state)| ways(state)).unwrap_or_default() {
                let to = match way.to {
                    Some(name) => graph.state(definition, &mut known, name),
                    None => *end.get_or_insert_with(|| graph.add(Kind::End, "", String::new())),
                };
                graph.connect(next, to, &way.label, way.caught);
            }
            next += 1;
        }
        graph
    }

    fn add(&mut self, kind: Kind, name: &str, detail: String) -> usize {
        self.nodes.push(Node { kind, name: name.to_owned(), detail });
        self.nodes.len() - 1
    }

    /// Finds the node of a state, or makes it.
    fn state<'a>(
        &mut self,
        definition: &'a Definition,
        known: &mut BTreeMap<&'a str, usize>,
        name: &'a str,
    ) -> usize {
        if let Some(found) = known.get(name) {
            return *found;
        }
        let (kind, detail) = match definition.states.get(name) {
            None => (Kind::Missing, "no such state".to_owned()),
            Some(state) => {
                let kind = match state {
                    State::Choice(_) => Kind::Choice,
                    State::Fail(_) => Kind::Fail,
                    _ => Kind::State,
                };
                (kind, describe(state))
            }
        };
        let node = self.add(kind, name, detail);
        known.insert(name, node);
        node
    }

    fn connect(&mut self, from: usize, to: usize, label: &str, caught: bool) {
        let label = label.to_owned();
        match self.edges.iter_mut().rev().take_while(|edge| edge.from == from).find(|edge| edge.to == to) {
            None => self.edges.push(Edge { from, to, label, caught }),
            Some(edge) => {
                edge.caught &= caught;
                if !edge.label.is_empty() && !label.is_empty() {
                    edge.label.push_str(" | ");
                }
                edge.label.push_str(&label);
            }
        }
    }
}

fn ways(state: &State) -> Vec<Way<'_>> {
    let plain = |next: &'static str| (next.to_owned(), false);
    let mut found = Vec::new();
    let mut add = |to, (label, caught): (String, bool)| found.push(Way { to, label, caught });
    let (next, end, catch) = match state {
        State::Action(state) => (&state.next, state.end, state.catch.as_ref()),
        State::Pass(state) => (&state.next, state.end, None),
        State::ExpressionEval(state) => (&state.next, state.end, None),
        State::Wait(state) => (&state.next, state.end, None),
        State::CreateWebInput(state) => (&state.next, state.end, state.catch.as_ref()),
        State::AwaitWebInput(state) => (&state.next, state.end, state.catch.as_ref()),
        State::Choice(choice) => {
            for rule in &choice.choices {
                if let Some(next) = &rule.next {
                    add(Some(next.as_str()), (condition(rule, 0), false));
                }
            }
            if let Some(next) = &choice.default {
                add(Some(next.as_str()), plain("otherwise"));
            }
            return found;
        }
        State::Fail(_) => return found,
        State::Unknown(value) => {
            if let Some(next) = value.get("Next").and_then(Value::as_str) {
                add(Some(next), plain(""));
            }
            if value.get("End") == Some(&Value::Bool(true)) {
                add(None, plain(""));
            }
            return found;
        }
    };
    if let Some(next) = next {
        add(Some(next.as_str()), plain(""));
    }
    if end == Some(true) {
        add(None, plain(""));
    }
    for catcher in catch.into_iter().flatten() {
        let names = catcher.error_equals.iter().map(|name| match name.as_str() {
            "States.ALL" => "any error",
            name => name,
        });
        add(Some(catcher.next.as_str()), (names.collect::<Vec<_>>().join(" or "), true));
    }
    found
}

/// Says what a state is and does.
fn describe(state: &State) -> String {
    let kind = state.state_type();
    let more = match state {
        State::Action(action) => {
            let provider = action.action_url.as_deref().or_else(|| match &action.handler {
                Some(Value::String(handle)) => handle.rsplit(':').next(),
                Some(handler) => handler.get("Url").or(handler.get("Id")).and_then(Value::as_str),
                None => None,
            });
            provider.map(|address| {
                let path = address.trim_end_matches('/');
                path.rsplit('/').next().unwrap_or(path).to_owned()
            })
        }
        State::Wait(wait) => {
            let seconds = wait.seconds.map(|seconds| super::words(std::time::Duration::from_secs(seconds)));
            seconds
                .or_else(|| wait.seconds_path.clone())
                .or_else(|| wait.timestamp.clone())
                .or_else(|| wait.timestamp_path.clone())
        }
        State::Fail(fail) => fail.error.clone().or_else(|| fail.cause.clone()),
        State::Unknown(_) if kind.is_empty() => return "no type".to_owned(),
        _ => None,
    };
    more.map_or_else(|| kind.to_owned(), |more| format!("{kind}: {more}"))
}

/// How deep rules are written out.
const DEEPEST: usize = 4;

/// Says what a rule asks for.
fn condition(rule: &Rule, depth: usize) -> String {
    if depth > DEEPEST {
        return "…".to_owned();
    }
    let join = |rules: &[Rule], word: &str| {
        let parts: Vec<String> = rules.iter().map(|rule| condition(rule, depth + 1)).collect();
        let joined = parts.join(word);
        if depth > 0 && parts.len() > 1 { format!("({joined})") } else { joined }
    };
    match &rule.test {
        Test::And { rules, .. } => join(rules, " and "),
        Test::Or { rules, .. } => join(rules, " or "),
        Test::Not { rule, .. } => format!("not {}", condition(rule, depth + 1)),
        Test::Variable { variable, operator } => comparison(variable, operator),
        Test::Unknown(_) => "…".to_owned(),
    }
}

fn comparison(variable: &str, operator: &Map<String, Value>) -> String {
    let variable = variable.strip_prefix("$.").unwrap_or(variable);
    let Some((name, operand)) = operator.iter().find(|(name, _)| *name != "Comment") else {
        return variable.to_owned();
    };
    if let Some(kind) = name.strip_prefix("Is") {
        let not = if operand == &Value::Bool(false) { "not " } else { "" };
        return format!("{variable} is {not}{}", kind.to_lowercase());
    }
    let plain = name.strip_suffix("Path").unwrap_or(name);
    // The longer endings first.
    let signs = [
        ("LessThanEquals", "≤"),
        ("GreaterThanEquals", "≥"),
        ("LessThan", "<"),
        ("GreaterThan", ">"),
        ("Equals", "="),
        ("Matches", "~"),
    ];
    let sign = signs.iter().find(|(ending, _)| plain.ends_with(ending)).map_or(plain, |(_, sign)| sign);
    let operand = match operand {
        Value::String(path) if name.ends_with("Path") => path.strip_prefix("$.").unwrap_or(path).to_owned(),
        other => other.to_string(),
    };
    format!("{variable} {sign} {operand}")
}
