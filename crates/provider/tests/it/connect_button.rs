//! The "Connect with …" button.

use http::StatusCode;

use crate::world::World;

async fn branded(name: &str, colour: Option<&str>) -> World {
    World::start_with(|settings| {
        name.clone_into(&mut settings.brand_name);
        settings.brand_color = colour.map(|colour| colour.parse().unwrap());
    })
    .await
}

/// Width, height and all pixels of a PNG answer.
async fn png(world: &World, path: &str) -> (u32, u32, tiny_skia::Pixmap) {
    let (status, headers, bytes) = world.fetch(&format!("https://vendor.test{path}")).await;
    assert_eq!(
        (status, &headers["content-type"]),
        (StatusCode::OK, &http::HeaderValue::from_static("image/png")),
        "{path}"
    );
    let picture = tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    (picture.width(), picture.height(), picture)
}

#[tokio::test]
async fn the_button_has_the_brands_name_and_colour_and_says_what_it_is() {
    let world = branded("Größe & Co", Some("#ffcc00")).await;
    let svg = world.get("/connect.svg").await;
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert_eq!(svg.header("cross-origin-resource-policy"), "cross-origin");
    for part in [
        "role=\"img\"",
        "aria-label=\"Connect with Größe &#38; Co\"",
        "<title>Connect with Größe &#38; Co</title>",
        "fill=\"#ffcc00\"",
        // Black is what can be read on yellow.
        "fill=\"#000000\"",
    ] {
        assert!(svg.text.contains(part), "{part}: {}", svg.text);
    }
    assert!(!svg.text.contains("<text") && !svg.text.contains("<style"));
    let hover = world.get("/connect.svg?state=hover").await;
    assert!(!hover.text.contains("fill=\"#ffcc00\""));
    assert!(
        world
            .get("/connect.svg?state=focus")
            .await
            .text
            .contains("stroke-width")
    );
    let large = world.get("/connect.svg?width=1000").await;
    assert!(large.text.contains("width=\"1000\""));
}

#[tokio::test]
async fn the_picture_comes_at_the_width_that_is_asked_for() {
    let world = branded("Vendor", Some("#0a5c8f")).await;
    let (own, height, picture) = png(&world, "/connect.png").await;
    assert_eq!(height, 44);
    let colour = |picture: &tiny_skia::Pixmap, x: u32, y: u32| {
        let pixel = picture.pixel(x, y).unwrap().demultiply();
        (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha())
    };
    assert_eq!(colour(&picture, 4, 22), (0x0a, 0x5c, 0x8f, 255));
    assert_eq!(colour(&picture, 0, 0).3, 0, "round corners");
    assert_eq!(colour(&picture, 12, 12), (255, 255, 255, 255), "the mark");
    let white = picture.pixels().iter().filter(|pixel| pixel.red() > 250).count();
    assert!(white > 700, "letters are drawn: {white}");
    for width in [16, 520, 2000] {
        let (drawn, height, _) = png(&world, &format!("/connect.png?width={width}")).await;
        assert_eq!(drawn, width);
        assert!(height.abs_diff(44 * width / own) <= 1);
    }
    let (.., hover) = png(&world, "/connect.png?state=hover").await;
    assert_ne!(colour(&hover, 4, 22), (0x0a, 0x5c, 0x8f, 255));
    for wrong in [
        "width=15",
        "width=2001",
        "width=x",
        "width=-1",
        "state=pressed",
        "width=20&width=30",
    ] {
        for kind in ["svg", "png"] {
            let refused = world.get(&format!("/connect.{kind}?{wrong}")).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{kind} {wrong}");
        }
    }
}

#[tokio::test]
async fn a_name_that_our_font_cannot_write_is_left_to_the_systems() {
    let world = branded("株式会社", None).await;
    let svg = world.get("/connect.svg").await.text;
    assert!(svg.contains("<text") && svg.contains("Connect with 株式会社"));
    png(&world, "/connect.png?width=300").await;
}

#[tokio::test]
async fn administrators_see_how_it_is_put_on_a_site() {
    const PATH: &str = "/accountsettings/apps/developers/button";
    let world = World::start().await;
    world.acme().await;
    assert!(world.get(PATH).await.location().starts_with("/login"));
    let page = world.logged_in("ada@example.test").await.get(PATH).await;
    let snippet = page.shown("snippet");
    for part in [
        "href=\"https://vendor.test/oauth2/authorize?client_id=CLIENT_ID&redirect_uri=",
        "src=\"https://vendor.test/connect.svg\"",
        "alt=\"Connect with Vendor &#38; Sons\"",
        ":hover",
        ":focus-visible",
    ] {
        assert!(snippet.contains(part), "{part}: {snippet}");
    }
    // What is copied is escaped as the other site needs it: here it is so once more.
    assert!(page.text.contains("CLIENT_ID&#38;amp;redirect_uri=") && page.text.contains("Vendor &#38;#38; Sons"));
}
