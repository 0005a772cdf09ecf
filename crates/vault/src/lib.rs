mod entropy; pub use entropy::*;
