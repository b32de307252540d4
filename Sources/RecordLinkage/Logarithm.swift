import Foundation

/// The logarithm to base 2, in which weights are told: 1 bit doubles the odds.
func log2(_ value: Double) -> Double { Foundation.log2(value) }

/// 2 to the power of a number of bits.
func exp2(_ bits: Double) -> Double { Foundation.exp2(bits) }
