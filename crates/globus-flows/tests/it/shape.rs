//! What every operation puts on the wire.

use globus_core::test_util::shape;
use globus_flows::{FlowRole, FlowUpdate, GroupId, IdentityId, Principal};
use serde_json::json;

use crate::common::{ADA, FLOW, GROUP, definition, idle, new_flow};

const DEFINITION: &str = r#"{"StartAt":"A","States":{"A":{"End":true,"Type":"Pass"}}}"#;

#[test]
fn every_operation() {
    let flows = idle();
    let ada: IdentityId = ADA.parse().unwrap();
    let group: GroupId = GROUP.parse().unwrap();
    let whole = new_flow()
        .input_schema(json!({"type": "object"}))
        .subtitle("s")
        .description("d")
        .keywords(["k", "l"])
        .flow_viewers([Principal::Public])
        .flow_starters([Principal::AllAuthenticatedUsers])
        .flow_administrators([group])
        .run_managers([ada])
        .run_monitors([format!("urn:globus:groups:id:{GROUP}")])
        .subscription_id(FLOW)
        .authentication_policy_id(GROUP)
        .extra("colour", "red");
    let update = FlowUpdate::new()
        .title("t")
        .definition(definition())
        .input_schema(json!({}))
        .subtitle("")
        .description("d")
        .flow_owner(ADA)
        .keywords(Vec::<String>::new())
        .flow_viewers(["public"])
        .flow_starters(["all_authenticated_users"])
        .flow_administrators([Principal::from(group)])
        .run_managers(Vec::<Principal>::new())
        .run_monitors([ada])
        .subscription_id(FLOW)
        .authentication_policy_id(GROUP)
        .extra("colour", json!(null));
    let group_urn = format!("urn:globus:groups:id:{GROUP}");
    let ada_urn = format!("urn:globus:auth:identity:{ADA}");
    let rows = [
        (
            shape(flows.create_flow(new_flow()).to_request()),
            format!(r#"POST /flows {{"definition":{DEFINITION},"input_schema":{{}},"title":"Nightly"}}"#),
        ),
        (
            shape(flows.create_flow(whole).to_request()),
            format!(
                r#"POST /flows {{"authentication_policy_id":"{GROUP}","colour":"red","definition":{DEFINITION},"description":"d","flow_administrators":["{group_urn}"],"flow_starters":["all_authenticated_users"],"flow_viewers":["public"],"input_schema":{{"type":"object"}},"keywords":["k","l"],"run_managers":["{ada_urn}"],"run_monitors":["{group_urn}"],"subscription_id":"{FLOW}","subtitle":"s","title":"Nightly"}}"#
            ),
        ),
        (shape(flows.get_flow(FLOW).to_request()), format!("GET /flows/{FLOW}")),
        (shape(flows.list_flows().to_request()), "GET /flows".to_owned()),
        (
            shape(
                flows
                    .list_flows()
                    .filter_roles([FlowRole::FlowOwner, FlowRole::RunManager])
                    .filter_fulltext("full")
                    .filter_title("a,b")
                    .filter_subtitle("sub")
                    .filter_description("des")
                    .filter_keywords(["k", "l"])
                    .filter_scope_string("scope")
                    .orderby(["title ASC", "updated_at DESC"])
                    .per_page(5)
                    .marker("m=&1")
                    .to_request(),
            ),
            "GET /flows?filter_roles=flow_owner,run_manager&filter_fulltext=full&filter_title=a,b&filter_subtitle=sub\
             &filter_description=des&filter_keywords=k,l&filter_scope_string=scope&orderby=title ASC\
             &orderby=updated_at DESC&per_page=5&marker=m=&1"
                .to_owned(),
        ),
        (
            shape(flows.list_flows().filter_roles(["flow_owner"]).per_page(None).to_request()),
            "GET /flows?filter_roles=flow_owner".to_owned(),
        ),
        (
            shape(flows.update_flow(FLOW, FlowUpdate::new()).to_request()),
            format!("PUT /flows/{FLOW} {{}}"),
        ),
        (
            shape(flows.update_flow(FLOW, update).to_request()),
            format!(
                r#"PUT /flows/{FLOW} {{"authentication_policy_id":"{GROUP}","colour":null,"definition":{DEFINITION},"description":"d","flow_administrators":["{group_urn}"],"flow_owner":"{ada_urn}","flow_starters":["all_authenticated_users"],"flow_viewers":["public"],"input_schema":{{}},"keywords":[],"run_managers":[],"run_monitors":["{ada_urn}"],"subscription_id":"{FLOW}","subtitle":"","title":"t"}}"#
            ),
        ),
        (
            shape(flows.update_flow(FLOW, FlowUpdate::new().default_subscription()).to_request()),
            format!(r#"PUT /flows/{FLOW} {{"subscription_id":"DEFAULT"}}"#),
        ),
        (shape(flows.delete_flow(FLOW).to_request()), format!("DELETE /flows/{FLOW}")),
    ];
    for (actual, expected) in rows {
        assert_eq!(actual, expected);
    }
}
