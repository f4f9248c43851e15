//! Who logged in: id tokens, keys, discovery, userinfo.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::client::{CLIENT, NATIVE, SECRET, Server, TRANSFER, basic, bearer, value};

const IDENTITY_SET: &str = "urn:globus:auth:scope:auth.globus.org:view_identity_set";

fn bytes(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_id_token_can_be_checked_with_the_published_key() {
    let server = Server::start().await;
    let scope = format!("{TRANSFER} openid profile email {IDENTITY_SET}");
    let (_, parameters) = server.allow(&[("scope", &scope), ("nonce", "n-1")]).await.redirect();
    let login = server.exchange(value(&parameters, "code").unwrap()).await.expect(200);
    assert!(login["other_tokens"][0].get("id_token").is_none());
    let token = login["id_token"].as_str().unwrap();

    let configuration = server.get("/auth/.well-known/openid-configuration").await.expect(200);
    let base = server.emulator.service_url("auth");
    assert_eq!(configuration["jwks_uri"], format!("{base}jwk.json"));
    assert_eq!(configuration["token_endpoint"], format!("{base}v2/oauth2/token"));
    let keys = server.get("/auth/jwk.json").await.expect(200);
    let key = RsaPublicKeyComponents { n: bytes(&keys["keys"][0]["n"]), e: bytes(&keys["keys"][0]["e"]) };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    key.verify(&RSA_PKCS1_2048_8192_SHA512, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();

    let (header, claims) = signed.split_once('.').unwrap();
    let decode =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(decode(header), json!({"typ": "JWT", "alg": "RS512"}));
    let claims = decode(claims);
    assert_eq!(claims["aud"], NATIVE);
    assert_eq!(claims["iss"], configuration["issuer"]);
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["preferred_username"], "demo@emulator.example.org");
    assert_eq!(claims["email"], "demo@emulator.example.org");
    assert_eq!(claims["identity_set"][0]["sub"], claims["sub"]);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 172_800);
    let auth = login["other_tokens"][0]["access_token"].as_str().unwrap();
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(&Sha512::digest(auth)[..32]));
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_allow() {
    let server = Server::start().await;
    let userinfo = async |token: &str| server.get_with("/auth/v2/oauth2/userinfo", &bearer(token)).await;

    let document = userinfo(&server.own_token("openid profile").await).await.expect(200);
    assert_eq!(document["sub"], CLIENT);
    assert_eq!(document["preferred_username"], format!("{CLIENT}@clients.auth.globus.org"));
    assert!(document.get("email").is_none() && document.get("iss").is_none());

    let forbidden = userinfo(&server.own_token("email").await).await.expect(403);
    assert_eq!(forbidden["errors"][0]["code"], "FORBIDDEN");
    for reply in [
        server.get("/auth/v2/oauth2/userinfo").await,
        userinfo("Agunknown").await,
        userinfo(&server.own_token(TRANSFER).await).await,
        server.get_with("/auth/v2/oauth2/userinfo", &basic(CLIENT, SECRET)).await,
    ] {
        let document = reply.expect(401);
        assert_eq!(document["errors"][0]["code"], "UNAUTHORIZED");
        assert_eq!(document["errors"][0]["detail"], "Call must be authenticated");
        assert_eq!(document["error_description"], "Unauthorized");
    }
    let posted = server.own_token("openid").await;
    let reply = server.form("/auth/v2/oauth2/userinfo", &bearer(&posted), &[]).await;
    assert_eq!(reply.expect(200)["sub"], CLIENT);
}
