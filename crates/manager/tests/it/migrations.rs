//! Both dialects make the same tables.

#[test]
fn both_dialects_make_the_same_tables() {
    for migration in manager::MIGRATIONS {
        assert_eq!(
            store::scratch::shape(migration.sqlite),
            store::scratch::shape(migration.postgres),
            "{}",
            migration.name
        );
    }
}
