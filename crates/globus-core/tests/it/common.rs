//! A small service with one operation of each form, declared as the real ones are.

use globus_core::{
    Call, CollectionId, Page, PageInfo, Scope, Service, ServiceClient, TaskId, request, service_client,
    test_util::ReplayTransport,
};
use serde::{Deserialize, Serialize};

service_client! {
    pub(crate) struct Toys {
        service: Service::Transfer,
        resource_server: "transfer.api.globus.org",
        default_scopes: vec![Scope::new("urn:globus:auth:scope:transfer.api.globus.org:all").unwrap()],
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Toy {
    pub id: u32,
    pub name: Option<String>,
}

/// An answer with the document inside.
#[derive(Deserialize)]
struct Wrapper {
    toy: Toy,
}

impl From<Wrapper> for Toy {
    fn from(wrapper: Wrapper) -> Self {
        wrapper.toy
    }
}

/// An argument that becomes parameters.
pub struct ToyFilter(pub Vec<&'static str>);

impl ToyFilter {
    fn add_to(&self, call: &mut Call) {
        if self.0.is_empty() {
            call.problem("name at least one toy");
        }
        call.set_joined("names", self.0.iter().copied());
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct ToyPage {
    #[serde(rename = "DATA", default)]
    pub data: Vec<Toy>,
    pub total: Option<u64>,
    pub has_next_page: Option<bool>,
    #[serde(alias = "next_marker", alias = "next_token", alias = "last_key", alias = "next")]
    pub marker: Option<String>,
}

impl Page for ToyPage {
    type Item = Toy;

    fn info(&self) -> PageInfo {
        PageInfo {
            items: self.data.len(),
            has_next_page: self.has_next_page,
            next: self.marker.clone(),
            total: self.total,
        }
    }

    fn into_items(self) -> Vec<Toy> {
        self.data
    }
}

globus_core::open_enum! {
    pub enum Colour { Red = "red", Blue = "blue" }
}

request! {
    /// # Toys
    impl Toys {
        fn get_toy(toy_id: id TaskId) -> GetToy => Toy {
            GET "v1" / "toy" / toy_id;
        }

        fn find_toy(box_id: id CollectionId, label: text) -> FindToy => Toy {
            GET "v1" / "box" / box_id / "toy" / label;
            query {
                /// A text.
                path: text;
                /// A number.
                limit: number u32;
                /// A flag, `1` or `0`.
                show_hidden: digit_flag;
                /// A flag, `True` or `False`.
                paused as "filter_is_paused": python_flag;
                /// A flag, `true` or `false`.
                provision: word_flag;
                /// An id.
                owner: id TaskId;
                /// A word.
                colour: word Colour;
                /// A list with commas.
                orderby: joined;
                /// A list that repeats.
                filter: repeated;
            }
        }

        fn make_toy(box_id: id CollectionId, path: text) -> MakeToy => Toy {
            POST "v1" / "box" / box_id / "toy";
            with json { "DATA_TYPE" = "toy"; "path" = path; }
            json {
                /// Who.
                local_user: text;
                /// For whom.
                child: id TaskId;
                /// Anything.
                age: any Option<u32>;
            }
        }

        fn submit_toy(toy: document Toy) -> SubmitToy => Toy {
            POST "v1" / "submit";
            idempotent;
            with document toy;
        }

        fn touch_toy(colour: value Colour, count: number u32) -> TouchToy => () {
            DELETE "v1" / "toy" / colour / count;
            with query { "sure" = "yes"; }
        }

        fn wrapped_toy(filter: document ToyFilter) -> WrappedToy => Wrapper as Toy {
            GET "v1" / "wrapped";
            confidential;
            with parameters filter;
        }

        fn by_total() -> ByTotal => ToyPage {
            GET "v1" / "total";
            query {
                /// How many a page.
                limit: number u32;
                /// Where to begin.
                offset: number u64;
                /// Which.
                filter: text;
            }
            paged OffsetTotal(1000) of Toy;
        }

        fn by_has_next() -> ByHasNext => ToyPage { GET "v1" / "has_next"; paged HasNext(100) of Toy; }
        fn by_marker() -> ByMarker => ToyPage { GET "v1" / "marker"; paged Marker of Toy; }
        fn by_nullable() -> ByNullable => ToyPage { GET "v1" / "nullable"; paged NullableMarker of Toy; }
        fn by_token() -> ByToken => ToyPage { GET "v1" / "token"; paged NextToken of Toy; }
        fn by_last_key() -> ByLastKey => ToyPage { GET "v1" / "last_key"; paged LastKey of Toy; }
        fn by_json_api() -> ByJsonApi => ToyPage { GET "v2" / "json_api"; paged JsonApi of Toy; }
    }
}

/// A client that replays these answers.
pub fn toys(replay: &ReplayTransport) -> Toys {
    Toys::builder().base_url("https://toys.example.org/api/").transport(replay.clone()).build().unwrap()
}

/// A client that talks to a real socket.
pub fn toys_at(url: &str) -> Toys {
    Toys::builder().base_url(url).build().unwrap()
}
