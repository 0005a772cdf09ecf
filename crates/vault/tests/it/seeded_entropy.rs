use vault::{Entropy as _, SeededEntropy, random_bytes};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, other) = (SeededEntropy::new(7), SeededEntropy::new(7));
    for _ in 0..10 {
        assert_eq!(random_bytes::<24>(&one), random_bytes::<24>(&other));
    }
}

#[test]
fn another_seed_gives_other_bytes() {
    assert_ne!(
        random_bytes::<32>(&SeededEntropy::new(7)),
        random_bytes::<32>(&SeededEntropy::new(8))
    );
}

#[test]
fn no_block_comes_twice() {
    let mut bytes = [0; 32 * 100];
    SeededEntropy::new(7).fill(&mut bytes);
    let mut blocks: Vec<_> = bytes.as_chunks::<32>().0.to_vec();
    blocks.sort_unstable();
    blocks.dedup();
    assert_eq!(blocks.len(), 100);
}

#[test]
fn every_byte_is_filled() {
    let mut bytes = [0; 1000];
    SeededEntropy::new(7).fill(&mut bytes);
    assert!(bytes.windows(8).all(|window| window != [0; 8]));
}
