//! The parameters of OAuth requests, from a query or a form.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};

use super::error::AuthError;
use crate::server::body::BodyFault;

/// Named parameters. An empty value counts as absent, as OAuth wants it.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn new(pairs: Vec<(String, String)>) -> Fields {
        Fields(pairs)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, AuthError> {
        self.get(name).ok_or_else(|| AuthError::invalid_request(format!("Missing {name} parameter.")))
    }

    /// Returns the values of a comma separated parameter; none when it is absent.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .map(|text| text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect())
            .unwrap_or_default()
    }

    /// Reads a parameter that is true or false, as Python and JavaScript write it; false when it is absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, AuthError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(AuthError::bad_request(format!("{name} must be true or false"))),
        }
    }

    /// Returns the first name that is given more than once, which OAuth forbids.
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.0
            .iter()
            .enumerate()
            .find(|(index, (name, _))| self.0[..*index].iter().any(|(earlier, _)| earlier == name))
            .map(|(_, (name, _))| name.as_str())
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = AuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AuthError> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, state).await.map_err(fault)?;
        let fields = Fields::new(pairs);
        match fields.repeated() {
            Some(name) => {
                Err(AuthError::invalid_request(format!("Parameter {name:?} is given more than once.")))
            }
            None => Ok(fields),
        }
    }
}

fn fault(rejection: FormRejection) -> AuthError {
    match rejection {
        FormRejection::BytesRejection(rejection) => BodyFault::from(rejection).into(),
        other => AuthError::invalid_request(BodyFault::NotForm(other.body_text()).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        Fields::new(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn empty_is_absent() {
        let fields = fields(&[("state", ""), ("scope", "openid")]);
        assert_eq!(fields.get("state"), None);
        assert_eq!(fields.get("scope"), Some("openid"));
        assert!(fields.required("state").is_err());
    }

    #[test]
    fn lists_split_at_commas() {
        let fields = fields(&[("ids", "a, b,,c")]);
        assert_eq!(fields.list("ids"), ["a", "b", "c"]);
        assert!(fields.list("none").is_empty());
    }

    #[test]
    fn finds_the_repeated_name() {
        assert_eq!(fields(&[("a", "1"), ("b", "2"), ("a", "")]).repeated(), Some("a"));
        assert_eq!(fields(&[("a", "1"), ("b", "2")]).repeated(), None);
    }
}
