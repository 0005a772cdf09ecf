//! The authenticator app and the recovery codes (SEC-6).

use oauth::Secret;
use privacy::audit::{Detail, Event, Fact};
use rightful_http::totp::{Step, TotpSecret, picture, recovery};
use store::{StoreError, Tx, retried};
use vault::Place;

use super::attempts;
use crate::{
    By, Manager, OperatorId,
    rows::{self, operator::OperatorRow},
};

/// What is shown while an authenticator is enrolled.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The picture that the app scans, as inline SVG.
    pub picture: Option<String>,
    /// The secret to type where there is no camera.
    pub written: Secret,
}

/// Why the second factor stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The person is gone.
    #[error("no such user")]
    NotFound,
    /// Nothing is being enrolled.
    #[error("begin the set-up of the authenticator first")]
    NotBegun,
    /// There is one already.
    #[error("an authenticator is set up already: remove it first")]
    AlreadySetUp,
    /// There is none.
    #[error("no authenticator is set up")]
    NotSetUp,
    /// It is required.
    #[error("your role requires an authenticator: it can be replaced, but not removed")]
    Required,
    /// The code does not fit.
    #[error("that code is wrong: check the clock of the device with the app")]
    WrongCode,
    /// Too many wrong codes.
    #[error("too many wrong codes: wait ten minutes")]
    TooMany,
    /// The database failed.
    #[error("the authenticator could not be set up")]
    Store(#[from] StoreError),
}

impl Manager {
    /// Begins to set an authenticator up, or begins once more; the old one stays until the new one is confirmed.
    pub async fn begin_second_factor(&self, id: OperatorId) -> Result<(), SecondFactorError> {
        retried(|| self.begin_second_factor_once(id)).await
    }

    async fn begin_second_factor_once(&self, id: OperatorId) -> Result<(), SecondFactorError> {
        let mut tx = self.store().write().await?;
        let mut operator = rows::operator::locked(&mut tx, id)
            .await?
            .ok_or(SecondFactorError::NotFound)?;
        let secret = TotpSecret::generate(&**tx.entropy());
        operator.totp_pending = Some(
            self.vault()
                .seal(&place(&id.to_string(), "totp_pending"), secret.bytes()),
        );
        rows::operator::save(&mut tx, &operator).await?;
        Ok(tx.commit().await?)
    }

    /// What is being set up.
    pub async fn enrolment(&self, id: OperatorId) -> Result<Option<Enrolment>, StoreError> {
        let operator = rows::operator::by_id(&mut self.store().read().await?, id).await?;
        let Some(operator) = operator else { return Ok(None) };
        let Some(sealed) = &operator.totp_pending else {
            return Ok(None);
        };
        let secret = self.open_totp(id, "totp_pending", sealed)?;
        let uri = secret.uri(&self.settings().brand, &self.operator_email(&operator)?);
        Ok(Some(Enrolment {
            picture: picture(&uri),
            written: secret.written(),
        }))
    }

    /// Ends the set-up with a code of the app; the recovery codes are returned once.
    pub async fn confirm_second_factor(
        &self,
        id: OperatorId,
        code: &Secret,
        by: &By,
    ) -> Result<Vec<Secret>, SecondFactorError> {
        retried(|| self.confirm_second_factor_once(id, code, by)).await
    }

    async fn confirm_second_factor_once(
        &self,
        id: OperatorId,
        code: &Secret,
        by: &By,
    ) -> Result<Vec<Secret>, SecondFactorError> {
        let mut tx = self.store().write().await?;
        let mut operator = rows::operator::locked(&mut tx, id)
            .await?
            .ok_or(SecondFactorError::NotFound)?;
        let sealed = operator.totp_pending.take().ok_or(SecondFactorError::NotBegun)?;
        if !attempts::may_try_code(self, &mut tx, id).await? {
            return Err(SecondFactorError::TooMany);
        }
        let secret = self.open_totp(id, "totp_pending", &sealed)?;
        let Some(Step(step)) = secret.verify(code.reveal(), tx.now(), None) else {
            attempts::code_failed(self, &mut tx, id).await?;
            tx.commit().await?;
            return Err(SecondFactorError::WrongCode);
        };
        operator.totp = Some(self.vault().seal(&place(&id.to_string(), "totp"), secret.bytes()));
        operator.totp_step = Some(step);
        rows::operator::save(&mut tx, &operator).await?;
        let codes = self.new_recovery_codes(&mut tx, id).await?;
        tx.audit(by.event(Event::UserTotpChanged, id.object(), [(Detail::To, Fact::Word("on"))]));
        tx.commit().await?;
        Ok(codes)
    }

    /// New recovery codes in place of all earlier ones.
    pub async fn renew_recovery_codes(&self, id: OperatorId, by: &By) -> Result<Vec<Secret>, SecondFactorError> {
        retried(|| self.renew_recovery_codes_once(id, by)).await
    }

    async fn renew_recovery_codes_once(&self, id: OperatorId, by: &By) -> Result<Vec<Secret>, SecondFactorError> {
        let mut tx = self.store().write().await?;
        let operator = rows::operator::locked(&mut tx, id)
            .await?
            .ok_or(SecondFactorError::NotFound)?;
        if operator.totp.is_none() {
            return Err(SecondFactorError::NotSetUp);
        }
        let codes = self.new_recovery_codes(&mut tx, id).await?;
        let facts = [(Detail::To, Fact::Word("new_recovery_codes"))];
        tx.audit(by.event(Event::UserTotpChanged, id.object(), facts));
        tx.commit().await?;
        Ok(codes)
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left(&self, id: OperatorId) -> Result<u64, StoreError> {
        let left = rows::recovery_code::left(&mut self.store().read().await?, id).await?;
        Ok(u64::try_from(left).unwrap_or_default())
    }

    /// Removes one's own authenticator, where the rules allow to be without.
    pub async fn remove_second_factor(&self, id: OperatorId, by: &By) -> Result<(), SecondFactorError> {
        retried(|| self.remove_second_factor_once(id, by)).await
    }

    async fn remove_second_factor_once(&self, id: OperatorId, by: &By) -> Result<(), SecondFactorError> {
        let mut tx = self.store().write().await?;
        let mut operator = rows::operator::locked(&mut tx, id)
            .await?
            .ok_or(SecondFactorError::NotFound)?;
        if self.needs_second_factor(&operator) {
            return Err(SecondFactorError::Required);
        }
        self.forget_second_factor(&mut tx, &mut operator, by).await?;
        Ok(tx.commit().await?)
    }

    /// Takes somebody's authenticator away, who lost it: they set one up again where the rules ask for one. Their
    /// sessions end.
    pub async fn reset_second_factor(&self, id: OperatorId, by: &By) -> Result<(), SecondFactorError> {
        retried(|| self.reset_second_factor_once(id, by)).await
    }

    async fn reset_second_factor_once(&self, id: OperatorId, by: &By) -> Result<(), SecondFactorError> {
        let mut tx = self.store().write().await?;
        let mut operator = rows::operator::locked(&mut tx, id)
            .await?
            .ok_or(SecondFactorError::NotFound)?;
        self.forget_second_factor(&mut tx, &mut operator, by).await?;
        super::sessions::end_sessions(&mut tx, id, None, by).await?;
        Ok(tx.commit().await?)
    }

    async fn forget_second_factor(
        &self,
        tx: &mut Tx,
        operator: &mut OperatorRow,
        by: &By,
    ) -> Result<(), SecondFactorError> {
        if operator.totp.take().is_none() {
            return Err(SecondFactorError::NotSetUp);
        }
        operator.totp_pending = None;
        operator.totp_step = None;
        rows::operator::save(tx, operator).await?;
        rows::recovery_code::replace(tx, operator.id, &[]).await?;
        let facts = [(Detail::To, Fact::Word("off"))];
        tx.audit(by.event(Event::UserTotpChanged, operator.id.object(), facts));
        Ok(())
    }

    /// Whether `code` is the operator's second factor, and which; it is used up with it.
    pub(super) async fn second_factor_fits(
        &self,
        tx: &mut Tx,
        operator: &mut OperatorRow,
        code: &Secret,
    ) -> Result<Option<&'static str>, StoreError> {
        if recovery::looks_like_one(code.reveal()) {
            let tag = recovery::tag(&self.vault().mac("recovery-codes"), &operator.id.to_string(), code);
            let used = rows::recovery_code::use_up(tx, operator.id, &tag).await?;
            return Ok(used.then_some("recovery_code"));
        }
        let Some(sealed) = &operator.totp else { return Ok(None) };
        let secret = self.open_totp(operator.id, "totp", sealed)?;
        let Some(Step(step)) = secret.verify(code.reveal(), tx.now(), operator.totp_step.map(Step)) else {
            return Ok(None);
        };
        operator.totp_step = Some(step);
        rows::operator::save(tx, operator).await?;
        Ok(Some("totp"))
    }

    async fn new_recovery_codes(&self, tx: &mut Tx, id: OperatorId) -> Result<Vec<Secret>, StoreError> {
        let codes = recovery::generate(&**tx.entropy());
        let key = self.vault().mac("recovery-codes");
        let tags: Vec<_> = codes
            .iter()
            .map(|code| recovery::tag(&key, &id.to_string(), code))
            .collect();
        rows::recovery_code::replace(tx, id, &tags).await?;
        Ok(codes)
    }

    fn open_totp(&self, id: OperatorId, column: &'static str, sealed: &[u8]) -> Result<TotpSecret, StoreError> {
        let damaged = |reason: String| StoreError::Corrupt {
            what: "operator",
            reason,
        };
        let opened = self.vault().open(&place(&id.to_string(), column), sealed);
        let opened = opened.map_err(|error| damaged(error.to_string()))?;
        TotpSecret::from_bytes(&opened)
            .ok_or_else(|| damaged("the authenticator's secret has another length".to_owned()))
    }
}

/// Whether another code may be tried: recovery codes can't be guessed, and are the way out for who guessed too often.
pub(super) async fn may_try(
    manager: &Manager,
    tx: &mut Tx,
    operator: OperatorId,
    code: &Secret,
) -> Result<bool, StoreError> {
    if recovery::looks_like_one(code.reveal()) {
        return Ok(true);
    }
    attempts::may_try_code(manager, tx, operator).await
}

fn place<'a>(row: &'a str, column: &'static str) -> Place<'a> {
    Place {
        table: "operator",
        column,
        row,
    }
}
