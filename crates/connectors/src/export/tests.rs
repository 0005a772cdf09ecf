//! Archives that are as they should be and archives that are made to hurt, all built here.

mod archives;
mod fetching;
mod hostile;
mod reading;
mod single;
