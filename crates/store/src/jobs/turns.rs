//! Whose turn it is on a lane that several share.

use crate::{StoreError, Tx, args};

/// Those who have work on one lane, in the order of their names, and when each of them is next due.
pub(super) struct Turns(Vec<(String, i64)>);

impl Tx {
    /// One look at the beginning of each one's row of jobs, however long these are.
    pub(super) async fn turns(&mut self, lane: &str) -> Result<Turns, StoreError> {
        let rows = self
            .fetch_all(
                "WITH RECURSIVE named (share) AS (SELECT MIN(share) FROM job WHERE lane = $1 UNION ALL \
                 SELECT (SELECT MIN(share) FROM job WHERE lane = $1 AND share > named.share) FROM named \
                 WHERE named.share IS NOT NULL) \
                 SELECT share, (SELECT MIN(run_at) FROM job WHERE lane = $1 AND job.share = named.share) AS next \
                 FROM named WHERE share IS NOT NULL",
                args![lane],
            )
            .await?;
        let turns = rows.iter().map(|row| Ok((row.get("share")?, row.get("next")?)));
        turns.collect::<Result<_, StoreError>>().map(Turns)
    }

    /// How many jobs of a share are due, `most` at most.
    async fn count_due(&mut self, lane: &str, share: &str, now: i64, most: i64) -> Result<i64, StoreError> {
        self.fetch_one(
            "SELECT COUNT(*) AS due FROM \
             (SELECT 1 FROM job WHERE lane = $1 AND share = $2 AND run_at <= $3 LIMIT $4) AS counted",
            args![lane, share, now, most],
        )
        .await?
        .get("due")
    }

    /// Deals `places` out, one to each in turn, beginning behind the one who had the last turn: how many each gets. The
    /// last of them had the last place.
    pub(super) async fn deal(
        &mut self,
        turns: &Turns,
        lane: &str,
        last: &str,
        now: i64,
        places: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let mut due = turns.due(last, now);
        if let [only] = &mut due[..] {
            return Ok(vec![(std::mem::take(only), places)]);
        }
        let mut waiting = Vec::with_capacity(due.len());
        for share in due {
            let count = self.count_due(lane, &share, now, places).await?;
            waiting.push((share, count));
        }
        Ok(dealt(waiting, places))
    }
}

impl Turns {
    /// When anybody's job is next due.
    pub(super) fn next(&self) -> Option<i64> {
        self.0.iter().map(|(_, next)| *next).min()
    }

    /// Those with due jobs, in the order of their turns: whoever comes behind `last`, then from the beginning.
    fn due(&self, last: &str, now: i64) -> Vec<String> {
        let due = || self.0.iter().filter(|(_, next)| *next <= now);
        let behind = due().filter(|(share, _)| share.as_str() > last);
        let before = due().filter(|(share, _)| share.as_str() <= last);
        behind.chain(before).map(|(share, _)| share.clone()).collect()
    }
}

/// One place to each who still has a job, round after round.
fn dealt(mut waiting: Vec<(String, i64)>, mut places: i64) -> Vec<(String, i64)> {
    let mut dealt: Vec<(String, i64)> = Vec::new();
    while places > 0 && !waiting.is_empty() {
        for (share, left) in &mut waiting {
            if places == 0 {
                break;
            }
            *left -= 1;
            places -= 1;
            // Behind the others: who stands last had the last turn.
            let before = dealt.iter().position(|(name, _)| name == share);
            let count = before.map_or(0, |place| dealt.remove(place).1);
            dealt.push((share.clone(), count + 1));
        }
        waiting.retain(|(_, left)| *left > 0);
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_round() {
        let waiting = |of: &[(&str, i64)]| of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        for (has, places, gets) in [
            (vec![("a", 9), ("b", 9)], 1, vec![("a", 1)]),
            (vec![("a", 9), ("b", 9)], 3, vec![("b", 1), ("a", 2)]),
            (
                vec![("a", 9), ("b", 1), ("c", 2)],
                8,
                vec![("b", 1), ("c", 2), ("a", 5)],
            ),
            (vec![("a", 1), ("b", 1)], 8, vec![("a", 1), ("b", 1)]),
            (vec![], 8, vec![]),
        ] {
            assert_eq!(dealt(waiting(&has), places), waiting(&gets), "{has:?} {places}");
        }
    }

    #[test]
    fn who_had_the_last_turn_comes_last() {
        let of = |name: &str, next| (name.to_owned(), next);
        let turns = Turns(vec![of("", 5), of("a", 1), of("b", 9), of("c", 2)]);
        assert_eq!(turns.next(), Some(1));
        assert_eq!(turns.due("", 5), ["a", "c", ""]);
        assert_eq!(turns.due("a", 5), ["c", "", "a"]);
        assert_eq!(turns.due("c", 5), ["", "a", "c"]);
        assert_eq!(turns.due("zzz", 2), ["a", "c"]);
    }
}
