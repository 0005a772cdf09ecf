use crate::{
    subjects::{about, at_any_pace, record},
    world::World,
};
use serde_json::json;
#[tokio::test]
async fn zz_shot() {
    let world = World::start_with(|s| {
        at_any_pace(s);
        s.sla = "30d".parse().unwrap();
    })
    .await;
    let account = world.acme().await;
    let token = world.token("ada@example.test", account).await;
    world
        .import(
            account,
            &[
                record("grace@example.test", "profile", json!(1)),
                record("grace@example.test", "events", json!(1)),
            ],
        )
        .await;
    let old = world.ask(&token, &about("access", "old@example.test")).await;
    let _ = old;
    world.work().await;
    world.later(8 * 86400);
    world.work().await;
    let mut b = about("delete", "oeu1383080393924r0.57");
    b["identifier_type"] = json!("optimizely_end_user_id");
    world.ask(&token, &b).await;
    world.work().await;
    world.ask(&token, &about("access", "grace@example.test")).await;
    world.work().await;
    let team = world.service(&[provider::DataSource::Marketing]).await;
    let f = world
        .ask(&token, &about("access", "maximilian.mustermann@subdomain.example.test"))
        .await;
    let _ = f;
    let q = world
        .api(
            &team,
            "/v2/internal-subject-access-requests?data_source=marketing&status=pending",
        )
        .await
        .json();
    world
        .call(
            http::Method::PATCH,
            &team,
            &format!("/v2/internal-subject-access-requests/{}", q[0]["id"]),
            &json!({"status":"failure"}),
        )
        .await;
    world.work().await;
    let mut b = about("delete", "kim@example.test");
    b["data_type"] = json!("user");
    world.ask(&token, &b).await;
    world.work().await;
    world.ask(&token, &about("access", "grace@example.test")).await;
    let mut br = world.logged_in("ada@example.test").await;
    for (name, path) in [("list", "/accountsettings/privacy-requests"), ("docs", "/docs")] {
        let page = br.get(path).await;
        let mut text = page.text.clone();
        for part in page.text.split("href=\"/assets/").skip(1) {
            let asset = part.split('"').next().unwrap();
            let got = world.get(&format!("/assets/{asset}")).await;
            std::fs::write(format!("/tmp/p2_{asset}"), &got.text).unwrap();
            text = text.replace(&format!("/assets/{asset}"), &format!("/tmp/p2_{asset}"));
        }
        std::fs::write(format!("/tmp/p2_{name}.html"), text).unwrap();
    }
    let form = br
        .get("/accountsettings/privacy-requests")
        .await
        .form("/accountsettings/privacy-requests");
    let page = br
        .submit(
            &form,
            &[
                ("request_type", "delete"),
                ("data_type", "user"),
                ("identifier_type", "other"),
                ("identifier", "x"),
            ],
        )
        .await;
    let mut text = page.text.clone();
    for part in page.text.split("href=\"/assets/").skip(1) {
        let asset = part.split('"').next().unwrap();
        text = text.replace(&format!("/assets/{asset}"), &format!("/tmp/p2_{asset}"));
    }
    std::fs::write("/tmp/p2_form.html", text).unwrap();
}
