//! The one way in which an operation is written.

/// Declares operations of a service client: reads as a table of the REST API, gives methods on the client and one
/// builder for each.
///
/// ```text
/// request! {
///     /// # Tasks
///     impl TransferClient {
///         /// Lists … (the documentation of the method)
///         fn task_list() -> TaskList => TaskPage {
///             GET "v0.10" / "task_list";
///             query {
///                 /// Keeps … (the documentation of the setter)
///                 filter: text;
///             }
///             paged OffsetTotal(1000) of Task;
///         }
///     }
/// }
/// ```
///
/// Arguments of a method are required: `name: id TaskId` (taken as `impl IntoId<TaskId>`), `name: text`
/// (`impl Into<String>`, not empty), `name: value T` (`impl Into<T>`, must have `to_string`), `name: number T` (a `T`, so
/// that a literal needs no suffix), `name: document T` (`impl Into<T>`, must be `Serialize`).
///
/// The body of an operation, in this order, everything but the first line optional:
///
/// - `GET "literal" / argument / …;`: verb and path, segment by segment.
/// - `idempotent;`: sending it twice does its work once, though the verb does not promise it.
/// - `confidential;`: the answer holds a secret; see [`Call::confidential`](crate::Call::confidential).
/// - `with query { "name" = argument; }`, `with json { "name" = expression; }`, `with document argument;`: what is
///   always sent. `with parameters argument;`: the argument adds its own, by `fn add_to(&self, &mut Call)`.
/// - `query { … }` and `json { … }`: optional parameters and members, a setter each: `name: kind;` or
///   `name as "wire-name": kind;`. Kinds: `text`, `id T`, `number T` (`impl Into<Option<T>>`), `digit_flag`,
///   `word_flag`, `python_flag` (a boolean as `1`, `true` or `True`), `word T` (an open enum), `joined` and
///   `repeated` (lists: `a,b`, or the parameter once for each). In `json`: `text`, `id T`, `any T`.
/// - `paged Style of Item;`: the answer implements [`Page`](crate::Page); the builder gets `items()` and `pages()`.
///
/// Where the document is a member of the answer, `-> Builder => Envelope as Document` reads an `Envelope` and gives the
/// `Document` that it turns `Into`.
///
/// Every builder has `send`, `send_full`, `to_request`, and the call options `with_timeout`, `with_retry`,
/// `with_header`, `with_query`.
#[macro_export]
#[doc(hidden)]
macro_rules! request {
    (
        $(#[$impl_doc:meta])*
        impl $Client:ident {
            $(
                $(#[$doc:meta])*
                fn $method:ident($($arg:ident : $kind:ident $($ty:ty)?),* $(,)?) -> $Builder:ident => $Answer:ty $(as $Document:ty)? {
                    $($body:tt)*
                }
            )+
        }
    ) => {
        $(#[$impl_doc])*
        impl $Client {
            $(
                $(#[$doc])*
                pub fn $method(&self, $($arg: $crate::__argument!(type $kind $($ty)?)),*) -> $Builder {
                    $crate::__request_start!(self; $Builder; ($($arg: $kind $($ty)?),*); $($body)*)
                }
            )+
        }
        $(
            $crate::__request_builder!($Client, $method, $Builder, $Answer $(as $Document)?; $($body)*);
        )+
    };
}

/// How an argument is taken, and what becomes of it.
#[macro_export]
#[doc(hidden)]
macro_rules! __argument {
    (type id $Id:ty) => { impl $crate::IntoId<$Id> };
    (type text) => { impl ::std::convert::Into<::std::string::String> };
    (type value $T:ty) => { impl ::std::convert::Into<$T> };
    (type number $T:ty) => { $T };
    (type document $T:ty) => { impl ::std::convert::Into<$T> };
    (bind $call:ident $arg:ident id $Id:ty) => { let $arg = $call.id_argument::<$Id>($arg); };
    (bind $call:ident $arg:ident text) => { let $arg = $call.text_argument(stringify!($arg), $arg); };
    (bind $call:ident $arg:ident value $T:ty) => {
        let $arg: $T = $arg.into();
        let $arg = $arg.to_string();
    };
    (bind $call:ident $arg:ident number $T:ty) => { let $arg = $arg.to_string(); };
    (bind $call:ident $arg:ident document $T:ty) => { let $arg: $T = $arg.into(); };
}

/// The beginning of a request: verb, path, and what is always sent.
#[macro_export]
#[doc(hidden)]
macro_rules! __request_start {
    ($self:ident; $Builder:ident; ($($arg:ident : $kind:ident $($ty:ty)?),*);
        $Verb:ident $first:tt $(/ $segment:tt)*; $($rest:tt)*
    ) => {{
        #[allow(unused_mut, reason = "not every operation has a part that changes")]
        let mut call = $self.base().operation(
            $crate::__verb!($Verb),
            concat!("/", $crate::__segment!(name $first) $(, "/", $crate::__segment!(name $segment))*),
        );
        $($crate::__argument!(bind call $arg $kind $($ty)?);)*
        $crate::__segment!(push call $first);
        $($crate::__segment!(push call $segment);)*
        $crate::__request_always!(call; $($rest)*);
        $Builder { call }
    }};
}

#[macro_export]
#[doc(hidden)]
macro_rules! __verb {
    (GET) => {
        $crate::__private::Method::GET
    };
    (POST) => {
        $crate::__private::Method::POST
    };
    (PUT) => {
        $crate::__private::Method::PUT
    };
    (PATCH) => {
        $crate::__private::Method::PATCH
    };
    (DELETE) => {
        $crate::__private::Method::DELETE
    };
}

#[macro_export]
#[doc(hidden)]
macro_rules! __segment {
    (name $literal:literal) => {
        $literal
    };
    (name $arg:ident) => {
        concat!("{", stringify!($arg), "}")
    };
    (push $call:ident $literal:literal) => {
        $call.literal($literal)
    };
    (push $call:ident $arg:ident) => {
        $call.segment(stringify!($arg), &$arg)
    };
}

/// Walks over the statements that say what is always sent; leaves the rest to the builder.
#[macro_export]
#[doc(hidden)]
macro_rules! __request_always {
    ($call:ident; idempotent; $($rest:tt)*) => {
        $call = $call.idempotent();
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; confidential; $($rest:tt)*) => {
        $call = $call.confidential();
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; with parameters $argument:ident; $($rest:tt)*) => {
        $argument.add_to(&mut $call);
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; with query { $($name:literal = $value:expr;)* } $($rest:tt)*) => {
        $($call.set_query($name.into(), ::std::string::String::from($value));)*
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; with json { $($name:literal = $value:expr;)* } $($rest:tt)*) => {
        $($call.member($name, $value);)*
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; with document $document:ident; $($rest:tt)*) => {
        $call = $call.json(&$document);
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; query { $($optional:tt)* } $($rest:tt)*) => {
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; json { $($optional:tt)* } $($rest:tt)*) => {
        $crate::__request_always!($call; $($rest)*);
    };
    ($call:ident; paged $Style:ident $(($limit:literal))? of $Item:ty;) => {};
    ($call:ident;) => {};
}

/// The builder: setters, options, sending.
#[macro_export]
#[doc(hidden)]
macro_rules! __request_builder {
    ($Client:ident, $method:ident, $Builder:ident, $Answer:ty; $($rest:tt)*) => {
        $crate::__request_builder!($Client, $method, $Builder, $Answer as $Answer; $($rest)*);
    };
    ($Client:ident, $method:ident, $Builder:ident, $Answer:ty as $Document:ty;
        $Verb:ident $first:tt $(/ $segment:tt)*; $($rest:tt)*
    ) => {
        #[doc = concat!(
            "Is a request for [`", stringify!($Client), "::", stringify!($method),
            "`]: set what is optional, then send it."
        )]
        #[derive(Clone, Debug)]
        #[must_use = "a request does nothing until it is sent"]
        pub struct $Builder {
            call: $crate::Call,
        }

        impl $Builder {
            /// Sends the request.
            ///
            /// # Errors
            /// Any of [`ErrorKind`]($crate::ErrorKind); the method that made the request names those to expect.
            pub async fn send(self) -> $crate::Result<$Document> {
                self.call.send::<$Answer>().await.map(::std::convert::Into::into)
            }

            /// Sends the request; gives the answer with its status, headers, request id and raw JSON.
            ///
            /// # Errors
            /// As `send`.
            pub async fn send_full(self) -> $crate::Result<$crate::Response<$Document>> {
                let answer = self.call.send_full::<$Answer>().await?;
                Ok(answer.map(::std::convert::Into::into))
            }

            /// Gives the HTTP request without sending it, and without credentials. Needs no runtime.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidInput`]($crate::ErrorKind::InvalidInput) when a value cannot be sent.
            pub fn to_request(&self) -> $crate::Result<$crate::transport::Request> {
                self.call.to_request()
            }

            /// Limits one attempt of this request; `None` sets no limit. Default: the client's.
            pub fn with_timeout(mut self, timeout: impl Into<Option<::std::time::Duration>>) -> Self {
                self.call = self.call.with_timeout(timeout);
                self
            }

            /// Tries this request again as the policy says. Default: the client's.
            pub fn with_retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.call = self.call.with_retry(policy);
                self
            }

            /// Sets a header of this request, in place of the client's own of that name.
            pub fn with_header(mut self, name: &str, value: &str) -> Self {
                self.call = self.call.with_header(name, value);
                self
            }

            /// Sets a query parameter that the SDK has no setter for, in place of any of the same name.
            pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.call = self.call.with_query(name.into(), value);
                self
            }
        }

        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
}

/// Walks over the statements that give the builder its methods.
#[macro_export]
#[doc(hidden)]
macro_rules! __request_rest {
    ($Builder:ident, $Answer:ty;) => {};
    ($Builder:ident, $Answer:ty; idempotent; $($rest:tt)*) => {
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
    ($Builder:ident, $Answer:ty; confidential; $($rest:tt)*) => {
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
    ($Builder:ident, $Answer:ty; with $what:ident { $($fixed:tt)* } $($rest:tt)*) => {
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
    ($Builder:ident, $Answer:ty; with $what:ident $argument:ident; $($rest:tt)*) => {
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
    ($Builder:ident, $Answer:ty; $place:ident {
        $($(#[$doc:meta])+ $name:ident $(as $wire:literal)? : $kind:ident $($ty:ty)?;)*
    } $($rest:tt)*) => {
        impl $Builder {
            $($crate::__setter!($place [$(#[$doc])+] $name ($($wire)?) $kind $($ty)?);)*
        }
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
    ($Builder:ident, $Answer:ty; paged $Style:ident $(($limit:literal))? of $Item:ty; $($rest:tt)*) => {
        impl $Builder {
            /// Walks over all items, asking for page after page as they are wanted.
            pub fn items(self) -> $crate::Pager<$Item> {
                $crate::Pager::new::<$Answer>(
                    self.call,
                    $crate::__private::PageStyle::$Style $(($limit))?,
                )
            }

            /// Walks over whole pages.
            pub fn pages(self) -> $crate::Pages<$Item> {
                self.items().pages()
            }
        }
        $crate::__request_rest!($Builder, $Answer; $($rest)*);
    };
}

/// One setter.
#[macro_export]
#[doc(hidden)]
macro_rules! __setter {
    (@name $name:ident ()) => { stringify!($name) };
    (@name $name:ident ($wire:literal)) => { $wire };

    (query [$($doc:tt)+] $name:ident $wire:tt text) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<String>) -> Self {
            self.call.set_text($crate::__setter!(@name $name $wire), value);
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt id $Id:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl $crate::IntoId<$Id>) -> Self {
            self.call.set_id::<$Id>($crate::__setter!(@name $name $wire), value);
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt number $T:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<Option<$T>>) -> Self {
            self.call.set_scalar::<$T>($crate::__setter!(@name $name $wire), value.into());
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt digit_flag) => {
        $crate::__setter!(@flag [$($doc)+] $name $wire Digit);
    };
    (query [$($doc:tt)+] $name:ident $wire:tt word_flag) => {
        $crate::__setter!(@flag [$($doc)+] $name $wire Word);
    };
    (query [$($doc:tt)+] $name:ident $wire:tt python_flag) => {
        $crate::__setter!(@flag [$($doc)+] $name $wire Python);
    };
    (@flag [$($doc:tt)+] $name:ident $wire:tt $Style:ident) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<Option<bool>>) -> Self {
            self.call.set_flag(
                $crate::__setter!(@name $name $wire), $crate::__private::Flag::$Style, value.into(),
            );
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt word $T:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<$T>) -> Self {
            let value: $T = value.into();
            self.call.set_text($crate::__setter!(@name $name $wire), value.as_str());
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt joined) => {
        $($doc)+
        pub fn $name<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
            self.call.set_joined($crate::__setter!(@name $name $wire), values);
            self
        }
    };
    (query [$($doc:tt)+] $name:ident $wire:tt repeated) => {
        $($doc)+
        pub fn $name<S: Into<String>>(mut self, values: impl IntoIterator<Item = S>) -> Self {
            self.call.set_repeated($crate::__setter!(@name $name $wire), values);
            self
        }
    };

    (json [$($doc:tt)+] $name:ident $wire:tt text) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<String>) -> Self {
            self.call.member($crate::__setter!(@name $name $wire), value.into());
            self
        }
    };
    (json [$($doc:tt)+] $name:ident $wire:tt id $Id:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl $crate::IntoId<$Id>) -> Self {
            let value = self.call.id_argument::<$Id>(value);
            self.call.member($crate::__setter!(@name $name $wire), value);
            self
        }
    };
    (json [$($doc:tt)+] $name:ident $wire:tt any $T:ty) => {
        $($doc)+
        pub fn $name(mut self, value: impl Into<$T>) -> Self {
            let value: $T = value.into();
            self.call.member($crate::__setter!(@name $name $wire), value);
            self
        }
    };
}
