//! Whatever happens in whatever order: a token works exactly as long as what it stands on.

use http::StatusCode;
use oauth::ClientType;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use provider::{AccountId, Actor, Role};

use crate::{
    oauth_codes::{PKCE, VERIFIER},
    subjects::at_any_pace,
    world::{App, World, secret},
};

const ZOE: &str = "zoe@example.test";
const ADA: &str = "ada@example.test";
const BOB: &str = "bob@example.test";
const USERS: [&str; 2] = [ADA, BOB];
const APPS: [ClientType; 3] = [ClientType::Confidential, ClientType::Public, ClientType::Confidential];
const CODE_LIFE: i64 = 600;
const ACCESS_LIFE: i64 = 7200;
const REFRESH_GRACE: i64 = 10;

/// Something that happens. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Event {
    Authorize {
        user: usize,
        app: usize,
    },
    /// Also of a code that was used before, or is another application's.
    Exchange {
        code: usize,
        by: Option<usize>,
    },
    /// Also with a token that was rotated before, or is another application's.
    Refresh {
        token: usize,
        by: Option<usize>,
    },
    RevokeByUser {
        user: usize,
    },
    /// RFC 7009.
    RevokeByApp {
        grant: usize,
        refresh: bool,
    },
    ChangeRole {
        user: usize,
        administrator: bool,
    },
    RemoveBob,
    Deactivate {
        user: usize,
    },
    DeleteApp {
        app: usize,
    },
    Wait {
        seconds: i64,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let user = 0..USERS.len();
    let app = 0..APPS.len();
    let number = 0_usize..1000;
    let stranger = prop_oneof![4 => Just(None), 1 => (0..APPS.len()).prop_map(Some)];
    let seconds = prop::sample::select(vec![1, 9, 10, 11, 599, 600, 601, 3600, 7199, 7200]);
    let event = prop_oneof![
        6 => (user.clone(), app.clone()).prop_map(|(user, app)| Event::Authorize { user, app }),
        9 => (number.clone(), stranger.clone()).prop_map(|(code, by)| Event::Exchange { code, by }),
        8 => (number.clone(), stranger).prop_map(|(token, by)| Event::Refresh { token, by }),
        1 => user.clone().prop_map(|user| Event::RevokeByUser { user }),
        2 => (number, any::<bool>()).prop_map(|(grant, refresh)| Event::RevokeByApp { grant, refresh }),
        1 => (user.clone(), any::<bool>()).prop_map(|(user, administrator)| Event::ChangeRole { user, administrator }),
        1 => Just(Event::RemoveBob),
        1 => user.prop_map(|user| Event::Deactivate { user }),
        1 => app.prop_map(|app| Event::DeleteApp { app }),
        5 => seconds.prop_map(|seconds| Event::Wait { seconds }),
    ];
    vec(event, 10..40)
}

/// What was given, and what we believe of it.
struct Model {
    world: World,
    account: AccountId,
    apps: Vec<App>,
    app_deleted: [bool; 3],
    user_gone: [bool; 2],
    now: i64,
    grants: Vec<Grant>,
    access: Vec<Access>,
    refresh: Vec<Refresh>,
}

/// One consent: its code, and what may come of it.
struct Grant {
    user: usize,
    app: usize,
    code: String,
    code_ends: i64,
    exchanged: bool,
    revoked: bool,
}

struct Access {
    token: String,
    grant: usize,
    ends: i64,
}

struct Refresh {
    token: String,
    grant: usize,
    rotated_at: Option<i64>,
}

#[test]
fn no_sequence_of_calls_yields_a_token_that_outlives_its_grant() {
    // AS-22, AS-23, AS-48, AS-51, AS-52, AS-53, AS-62
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config {
        cases: 12,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let ran = TestRunner::new(config).run(&events(), |events| {
        runtime.block_on(Box::pin(live_through(&events)));
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
}

fn is_public(app: usize) -> bool {
    APPS[app] == ClientType::Public
}

async fn live_through(events: &[Event]) {
    let mut model = Model::start().await;
    for event in events {
        model.happen(event).await;
        model.assert_every_token_works_while_it_may(event).await;
    }
}

impl Model {
    async fn start() -> Self {
        let world = World::start_with(at_any_pace).await;
        let account = world.account("Acme").await;
        for user in [ZOE, ADA, BOB] {
            world.user(account, user, Role::Administrator).await;
            world.later(1);
        }
        let mut apps = Vec::new();
        for client_type in APPS {
            apps.push(world.app(account, client_type).await);
        }
        Self {
            world,
            account,
            apps,
            app_deleted: [false; 3],
            user_gone: [false; 2],
            now: 0,
            grants: Vec::new(),
            access: Vec::new(),
            refresh: Vec::new(),
        }
    }

    fn stands(&self, grant: usize) -> bool {
        let grant = &self.grants[grant];
        !grant.revoked && !self.user_gone[grant.user] && !self.app_deleted[grant.app]
    }

    async fn assert_every_token_works_while_it_may(&self, after: &Event) {
        for access in &self.access {
            let answer = self.world.api(&access.token, "/v2/me").await;
            let expected = if self.stands(access.grant) && self.now < access.ends {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(answer.status, expected, "after {after:?}, of grant {}", access.grant);
        }
    }

    async fn happen(&mut self, event: &Event) {
        match *event {
            Event::Authorize { user, app } => self.authorize(user, app).await,
            Event::Exchange { code, by } if !self.grants.is_empty() => {
                self.exchange(code % self.grants.len(), by).await;
            }
            Event::Refresh { token, by } if !self.refresh.is_empty() => {
                self.renew(token % self.refresh.len(), by).await;
            }
            Event::RevokeByUser { user } => self.revoke_by_user(user).await,
            Event::RevokeByApp { grant, refresh } => self.revoke_by_app(grant, refresh).await,
            Event::ChangeRole { user, administrator } if !self.user_gone[user] => {
                let role = if administrator { Role::Administrator } else { Role::User };
                let email = secret(USERS[user]);
                self.world.provider.set_role(self.account, &email, role).await.unwrap();
            }
            Event::RemoveBob if !self.user_gone[1] => {
                let mut zoe = self.world.logged_in(ZOE).await;
                let forms = zoe.get("/accountsettings/users").await.forms();
                let bobs = forms
                    .into_iter()
                    .rfind(|form| form.action.ends_with("/remove"))
                    .unwrap();
                assert_eq!(zoe.submit(&bobs, &[]).await.status, StatusCode::SEE_OTHER);
                self.user_gone[1] = true;
            }
            Event::Deactivate { user } if !self.user_gone[user] => {
                let email = secret(USERS[user]);
                self.world.provider.deactivate_user(&email).await.unwrap();
                self.user_gone[user] = true;
            }
            Event::DeleteApp { app } if !self.app_deleted[app] => {
                let id = self.apps[app].id.parse().unwrap();
                let by = Actor::COMMAND_LINE;
                self.world.provider.delete_application(None, id, by).await.unwrap();
                self.app_deleted[app] = true;
            }
            Event::Wait { seconds } => {
                self.world.later(seconds);
                self.now += seconds;
            }
            _ => {}
        }
    }

    async fn authorize(&mut self, user: usize, app: usize) {
        if self.user_gone[user] || self.app_deleted[app] {
            return;
        }
        let mut browser = self.world.logged_in(USERS[user]).await;
        let code = browser.authorize_with(&self.apps[app], &PKCE).await;
        self.grants.push(Grant {
            user,
            app,
            code,
            code_ends: self.now + CODE_LIFE,
            exchanged: false,
            revoked: false,
        });
    }

    async fn exchange(&mut self, index: usize, by: Option<usize>) {
        let grant = &self.grants[index];
        let by = by.unwrap_or(grant.app);
        let answer = self
            .world
            .exchange_with(&self.apps[by], &grant.code, &[("code_verifier", VERIFIER)])
            .await;
        let own = by == grant.app && !self.app_deleted[by];
        if own && self.stands(index) && !grant.exchanged && self.now < grant.code_ends {
            let tokens = answer.tokens();
            let first = tokens.refresh().to_owned();
            self.grants[index].exchanged = true;
            self.issued(index, tokens.access, Some(first));
        } else {
            assert_eq!(answer.status.as_u16() / 100, 4, "{}", answer.text);
            // A second use by its own application ends it all, whoever made the first.
            self.grants[index].revoked |= own && grant.exchanged;
        }
    }

    async fn renew(&mut self, index: usize, by: Option<usize>) {
        let Refresh { grant, rotated_at, .. } = self.refresh[index];
        let by = by.unwrap_or(self.grants[grant].app);
        let answer = self.world.refresh(&self.apps[by], &self.refresh[index].token).await;
        let own = by == self.grants[grant].app && !self.app_deleted[by];
        let reused = rotated_at.is_some_and(|rotated_at| self.now >= rotated_at + REFRESH_GRACE);
        if own && self.stands(grant) && !reused {
            let tokens = answer.tokens();
            assert_eq!(tokens.refresh.is_some(), is_public(by));
            if is_public(by) {
                self.refresh[index].rotated_at.get_or_insert(self.now);
            }
            self.issued(grant, tokens.access, tokens.refresh);
        } else {
            assert_eq!(answer.status.as_u16() / 100, 4, "{}", answer.text);
            self.grants[grant].revoked |= own && reused;
        }
    }

    /// Everything that the user sees in the list of applications; codes that wait go with it.
    async fn revoke_by_user(&mut self, user: usize) {
        if self.user_gone[user] {
            return;
        }
        let mut browser = self.world.logged_in(USERS[user]).await;
        let page = browser.get("/accountsettings/apps").await;
        let lines = page.forms().into_iter().filter(|form| form.action.contains("/apps/"));
        let revoking: Vec<usize> = (0..APPS.len()).filter(|app| self.has_line(user, *app)).collect();
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), revoking.len());
        for line in lines {
            assert_eq!(browser.submit(&line, &[]).await.status, StatusCode::SEE_OTHER);
        }
        for grant in &mut self.grants {
            grant.revoked |= grant.user == user && revoking.contains(&grant.app);
        }
    }

    fn has_line(&self, user: usize, app: usize) -> bool {
        let mut grants = self.grants.iter().enumerate();
        grants.any(|(index, grant)| grant.user == user && grant.app == app && grant.exchanged && self.stands(index))
    }

    async fn revoke_by_app(&mut self, grant: usize, refresh: bool) {
        let token = if refresh {
            let of = self.refresh.len().checked_sub(1).map(|last| grant % (last + 1));
            of.map(|index| (self.refresh[index].token.clone(), self.refresh[index].grant, true))
        } else {
            let of = self.access.len().checked_sub(1).map(|last| grant % (last + 1));
            of.map(|index| {
                let access = &self.access[index];
                (access.token.clone(), access.grant, self.now < access.ends)
            })
        };
        let Some((token, grant, counts)) = token else { return };
        let app = self.grants[grant].app;
        let secret = self.apps[app].secret.clone().unwrap_or_default();
        let mut fields = vec![("token", token.as_str()), ("client_id", &self.apps[app].id)];
        if !is_public(app) {
            fields.push(("client_secret", &secret));
        }
        let answer = self.world.post_form("/oauth2/revoke", &fields).await;
        if self.app_deleted[app] {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            self.grants[grant].revoked |= counts;
        }
    }

    fn issued(&mut self, grant: usize, token: String, refresh: Option<String>) {
        self.access.push(Access {
            token,
            grant,
            ends: self.now + ACCESS_LIFE,
        });
        self.refresh.extend(refresh.map(|token| Refresh {
            token,
            grant,
            rotated_at: None,
        }));
    }
}
