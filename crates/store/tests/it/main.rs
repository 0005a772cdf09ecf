//! The store from outside, on SQLite, or on PostgreSQL where `RIGHTFUL_TEST_DATABASE` says so.

mod audit;
mod epoch;
mod jobs;
mod keys;
mod migrations;
mod transactions;
mod world;
