//! What was found about a subject: looking at it, deciding what is handed over, handing it over.

mod change;
mod head;
mod package;
mod records;
mod review;
mod view;

pub use change::{ChangeDossierError, ChangedDossier};
pub(crate) use head::{FileHeadJson, ObjectHeadJson, media_type};
pub(crate) use package::harmless_cell;
pub use package::{PackageError, PackageStream};
pub use view::{DossierError, DossierView, FieldView, FileView, ObjectPage, ObjectView, RecordFieldView, RecordView};
