//! Points of random polynomials over GF(256): any `threshold` of them give the polynomials back, fewer fit every secret alike.
//! Standard: Shamir, “How to share a secret” (1979); the field is that of x⁸ + x⁴ + x³ + x² + 1.
//! It must never take a table's place by a secret octet (its time would tell), nor leave zero out of its random octets.
use zeroize::Zeroizing;

use crate::random::Entropy;

/// x⁸ in terms of lower powers.
const REDUCED: u8 = 0x1d;

/// The product, in the same time whatever the factors are.
fn times(one: u8, other: u8) -> u8 {
    let (mut one, mut other, mut product) = (one, other, 0_u8);
    for _ in 0..8 {
        product ^= one & 0_u8.wrapping_sub(other & 1);
        let carry = one >> 7;
        one = (one << 1) ^ (REDUCED & 0_u8.wrapping_sub(carry));
        other >>= 1;
    }
    product
}

/// The inverse: the 254th power; zero for zero.
fn inverse(of: u8) -> u8 {
    let mut power = of;
    for _ in 0..6 {
        power = times(times(power, power), of);
    }
    times(power, power)
}

/// The points at 1, 2, … `shares`: for each octet of the secret a polynomial of its own, with `threshold` − 1 random octets above it.
pub(super) fn split(
    secret: &[u8],
    threshold: u8,
    shares: u8,
    entropy: &Entropy,
) -> Vec<(u8, Zeroizing<Vec<u8>>)> {
    let above = usize::from(threshold.saturating_sub(1));
    let mut random = Zeroizing::new(vec![0; secret.len() * above]);
    entropy.fill(&mut random);
    (1..=shares)
        .map(|at| {
            let values = secret
                .iter()
                .enumerate()
                .map(|(octet, lowest)| {
                    let row = random.iter().skip(octet * above).take(above);
                    let value = row.fold(0, |value, next| times(value, at) ^ next);
                    times(value, at) ^ lowest
                })
                .collect();
            (at, Zeroizing::new(values))
        })
        .collect()
}

/// The values at 0 of the polynomials through these points; `None` when two are at one place or lengths differ.
pub(super) fn join(points: &[(u8, &[u8])]) -> Option<Zeroizing<Vec<u8>>> {
    let length = points.first()?.1.len();
    let mut secret = Zeroizing::new(vec![0_u8; length]);
    for (index, (at, values)) in points.iter().enumerate() {
        if values.len() != length || *at == 0 {
            return None;
        }
        let mut weight = 1;
        for (other_index, (other, _)) in points.iter().enumerate() {
            if other_index == index {
                continue;
            }
            if other == at {
                return None;
            }
            weight = times(weight, times(*other, inverse(other ^ at)));
        }
        for (into, value) in secret.iter_mut().zip(values.iter()) {
            *into ^= times(weight, *value);
        }
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiplication of polynomials over GF(2) by its definition, then division with remainder.
    fn by_definition(one: u8, other: u8) -> u8 {
        let mut product = 0_u32;
        for bit in 0..8 {
            if other & (1 << bit) != 0 {
                product ^= u32::from(one) << bit;
            }
        }
        for bit in (8..15).rev() {
            if product & (1 << bit) != 0 {
                product ^= 0x11d << (bit - 8);
            }
        }
        u8::try_from(product).unwrap()
    }

    #[test]
    fn every_product_is_that_of_the_definition_and_every_octet_but_zero_has_its_inverse() {
        for one in 0..=255 {
            for other in 0..=255 {
                assert_eq!(
                    times(one, other),
                    by_definition(one, other),
                    "{one} {other}"
                );
            }
            assert_eq!(times(one, inverse(one)), u8::from(one != 0), "{one}");
        }
    }

    #[test]
    fn fewer_points_than_needed_fit_every_secret_alike() {
        // All 256 polynomials of degree 1 for each secret: the value at 1 takes each octet exactly once, whatever the secret is.
        for secret in [0_u8, 1, 77, 255] {
            let mut seen: Vec<u8> = (0..=255).map(|slope| times(slope, 1) ^ secret).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..=255).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn points_at_one_place_at_zero_or_of_two_lengths_are_refused() {
        assert_eq!(join(&[(1, &[1]), (1, &[2])]), None);
        assert_eq!(join(&[(0, &[1]), (1, &[2])]), None);
        assert_eq!(join(&[(1, &[1]), (2, &[2, 3])]), None);
        assert_eq!(join(&[]), None);
    }
}
