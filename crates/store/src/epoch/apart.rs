//! A database server is asked by one task for all who wait.

use sqlx::{PgConnection, PgPool};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

use crate::StoreError;

/// Who waits for the next read.
type Waiting<const N: usize> = oneshot::Sender<[i64; N]>;

pub(super) struct Apart<const N: usize> {
    pool: PgPool,
    names: [&'static str; N],
    ask: mpsc::UnboundedSender<Waiting<N>>,
    /// The task that reads; it ends with this.
    _reading: JoinSet<()>,
}

impl<const N: usize> Apart<N> {
    pub(super) fn new(pool: PgPool, names: [&'static str; N]) -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        let mut reading = JoinSet::new();
        reading.spawn(answer(pool.clone(), names, asked));
        Self {
            pool,
            names,
            ask,
            _reading: reading,
        }
    }

    pub(super) async fn current(&self) -> Result<[i64; N], StoreError> {
        let (answer, answered) = oneshot::channel();
        if self.ask.send(answer).is_ok()
            && let Ok(values) = answered.await
        {
            return Ok(values);
        }
        // The task could not read: whoever asked may try, or learn why not.
        Box::pin(async {
            let mut connection = self.pool.acquire().await?;
            Ok(read(&mut connection, self.names).await?)
        })
        .await
    }
}

async fn answer<const N: usize>(
    pool: PgPool,
    names: [&'static str; N],
    mut asked: mpsc::UnboundedReceiver<Waiting<N>>,
) {
    let (mut kept, mut waiting) = (None, Vec::new());
    while asked.recv_many(&mut waiting, usize::MAX).await > 0 {
        // Whoever came at the same time may ask first.
        tokio::task::yield_now().await;
        while let Ok(one) = asked.try_recv() {
            waiting.push(one);
        }
        match read_over(&pool, kept.take(), names).await {
            Ok((values, connection)) => {
                kept = Some(connection);
                for one in waiting.drain(..) {
                    // Somebody who has gone away needs no answer.
                    let _ = one.send(values);
                }
            }
            Err(_) => waiting.clear(),
        }
    }
}

/// Reads over `kept`, or over a new connection where that has broken. It is none of the pool's: those are tested after
/// each use, at the price of another journey.
async fn read_over<const N: usize>(
    pool: &PgPool,
    kept: Option<PgConnection>,
    names: [&'static str; N],
) -> Result<([i64; N], PgConnection), sqlx::Error> {
    if let Some(mut kept) = kept
        && let Ok(values) = read(&mut kept, names).await
    {
        return Ok((values, kept));
    }
    let mut connection = pool.acquire().await?.detach();
    Ok((read(&mut connection, names).await?, connection))
}

async fn read<const N: usize>(
    connection: &mut PgConnection,
    names: [&'static str; N],
) -> Result<[i64; N], sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, value FROM epoch WHERE name = ANY($1)")
        .bind(names.as_slice())
        .fetch_all(connection)
        .await?;
    Ok(names.map(|name| {
        rows.iter()
            .find(|(stored, _)| stored == name)
            .map_or(0, |(_, value)| *value)
    }))
}
