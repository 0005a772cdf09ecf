//! What was found about a subject: looking at it, deciding what is handed over, handing it over.

mod change;
mod content;
mod files;
mod head;
mod package;
mod policy;
mod records;
mod review;
mod view;

pub use change::{ChangeDossierError, ChangedDossier};
pub(crate) use content::FileContent;
pub use files::{AddedFile, DossierFileError, LARGEST_FILE};
pub(crate) use head::{FileHeadJson, ObjectHeadJson, media_type};
pub(crate) use package::harmless_cell;
pub use package::{PackageError, PackageStream};
pub use policy::{FieldPolicyError, FieldPolicyView};
pub use view::{
    AppliedPolicy, DossierError, DossierView, FieldView, FileView, ObjectPage, ObjectView, RECORDS_ON_A_PAGE,
    RecordFieldView, RecordView,
};
