//! The mail server and everybody's mailbox: what has arrived, how often, and whether the manager could know.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use mail::{Accepted, Cause, MailAddress, MailServer, Outgoing, Trouble};

use super::{
    dice::Dice,
    gate,
    time::{WorldTime, later},
    trace::Trace,
    weather::Weather,
};

/// How long the manager waits for the mail server.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// One mail server for everybody.
pub(super) struct Post {
    time: WorldTime,
    trace: Trace,
    dice: Dice,
    inner: Mutex<Inner>,
}

struct Inner {
    weather: Weather,
    arrived: BTreeMap<String, Arrived>,
    /// What nobody has read yet, by name.
    unread: Vec<String>,
    /// Lives of processes that have ended.
    ended: BTreeSet<u64>,
    fault: Option<String>,
}

/// A mail as whoever it is for sees it: copies under one `Message-ID` are one mail.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) to: String,
    pub(super) text: String,
    pub(super) at: Timestamp,
    message: Vec<u8>,
    /// The life of the process that was told that it has arrived.
    told: Option<u64>,
}

/// What happens to a mail on its way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Unreachable,
    Deferred,
    Refused,
    LostBefore,
    /// It has arrived, and the answer is lost.
    LostAfter,
    /// The same, noticed only after a while.
    TimedOut,
    Slow(SignedDuration),
}

impl Post {
    pub(super) fn new(time: &WorldTime, trace: &Trace, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            time: time.clone(),
            trace: trace.clone(),
            dice: Dice::new(seed, "post"),
            inner: Mutex::new(Inner {
                weather: Weather::CLEAR,
                arrived: BTreeMap::new(),
                unread: Vec::new(),
                ended: BTreeSet::new(),
                fault: None,
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_weather(&self, weather: Weather) {
        self.inner().weather = weather;
    }

    /// A process has died: what it was told and has not written down, nobody knows any more.
    pub(super) fn ended(&self, life: u64) {
        self.inner().ended.insert(life);
    }

    /// A mail that came twice though it need not have.
    pub(super) fn fault(&self) -> Option<String> {
        self.inner().fault.clone()
    }

    /// How many mails have arrived.
    pub(super) fn count(&self) -> usize {
        self.inner().arrived.len()
    }

    /// Every mail that has arrived, by its `Message-ID`.
    pub(super) fn arrived(&self) -> BTreeMap<String, Arrived> {
        self.inner().arrived.clone()
    }

    /// The mails that have arrived since the last time somebody asked, with their names.
    pub(super) fn take_unread(&self) -> Vec<(String, Arrived)> {
        let mut inner = self.inner();
        let unread = std::mem::take(&mut inner.unread);
        let found = |id: String| inner.arrived.get(&id).cloned().map(|mail| (id, mail));
        unread.into_iter().filter_map(found).collect()
    }

    fn draw(&self) -> Option<Fate> {
        let trouble = self.inner().weather.trouble;
        if !self.dice.chance(trouble) {
            return None;
        }
        Some(match self.dice.below(16) {
            0..3 => Fate::Unreachable,
            3..6 => Fate::Deferred,
            6 => Fate::Refused,
            7..9 => Fate::LostBefore,
            9..12 => Fate::LostAfter,
            12..14 => Fate::TimedOut,
            _ => Fate::Slow(SignedDuration::from_secs(
                i64::try_from(self.dice.below(58)).unwrap_or_default() + 1,
            )),
        })
    }

    /// It is in the mailbox now.
    fn arrives(&self, mail: &Outgoing) {
        let mut inner = self.inner();
        let Inner {
            arrived,
            unread,
            ended,
            fault,
            ..
        } = &mut *inner;
        let id = mail.message_id.clone();
        let message = mail.message.reveal();
        let Some(before) = arrived.get(&id) else {
            let mail = Arrived {
                to: mail.to.reveal().to_owned(),
                text: mail.text.reveal().clone(),
                at: self.time.now(),
                message: message.clone(),
                told: None,
            };
            unread.push(id.clone());
            arrived.insert(id, mail);
            return;
        };
        if before.message != *message {
            fault.get_or_insert_with(|| format!("the mail {id} came again with other words"));
        }
        if before.told.is_some_and(|life| !ended.contains(&life)) {
            fault.get_or_insert_with(|| format!("the mail {id} came again after its arrival was known"));
        }
    }

    fn tell(&self, mail: &Outgoing, life: u64) -> Accepted {
        if let Some(arrived) = self.inner().arrived.get_mut(&mail.message_id) {
            arrived.told = Some(life);
        }
        Accepted {
            status: "250 2.0.0".to_owned(),
            answer: "Ok".to_owned(),
        }
    }

    async fn carry(&self, mail: &Outgoing, fate: Option<Fate>, life: u64) -> Result<Accepted, Trouble> {
        let now = self.time.now();
        let refused = |cause, status: &str| Trouble {
            status: Some(status.to_owned()),
            ..Trouble::from(cause)
        };
        match fate {
            Some(Fate::Unreachable) => return Err(Cause::Unreachable.into()),
            Some(Fate::Deferred) => return Err(refused(Cause::Deferred, "451 4.7.1")),
            Some(Fate::Refused) => return Err(refused(Cause::Refused, "550 5.7.1")),
            Some(Fate::LostBefore) => return Err(Cause::Broken.into()),
            None | Some(Fate::LostAfter | Fate::TimedOut | Fate::Slow(_)) => self.arrives(mail),
        }
        match fate {
            Some(Fate::LostAfter) => return Err(Cause::Broken.into()),
            Some(Fate::TimedOut) => {
                gate::pause(Some(later(now, PATIENCE))).await;
                return Err(Cause::Broken.into());
            }
            Some(Fate::Slow(by)) => gate::pause(Some(later(now, by))).await,
            _ => {}
        }
        Ok(self.tell(mail, life))
    }
}

/// One manager process's way to the mail server, in one of its lives.
pub(super) struct PostBox {
    pub(super) post: Arc<Post>,
    pub(super) life: u64,
    /// The process's name in the trace.
    pub(super) name: String,
}

#[async_trait::async_trait]
impl MailServer for PostBox {
    async fn deliver(&self, mail: &Outgoing) -> Result<Accepted, Trouble> {
        gate::pause(None).await;
        let fate = self.post.draw();
        let answer = self.post.carry(mail, fate, self.life).await;
        let said = match &answer {
            Ok(accepted) => accepted.status.clone(),
            Err(trouble) => trouble.cause.words().to_owned(),
        };
        let told = fate.map(|fate| format!(" [{fate:?}]")).unwrap_or_default();
        self.post
            .trace
            .note(format_args!("{}: a mail{told} -> {said}", self.name));
        gate::pause(None).await;
        answer
    }

    async fn check(&self, _sender: &MailAddress) -> Result<(), Trouble> {
        Ok(())
    }
}
