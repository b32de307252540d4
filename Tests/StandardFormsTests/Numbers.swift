import Foundation

/// A repeatable source of numbers (SplitMix64).
struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

extension Numbers {
    init(seed: UInt64) { self.init(state: seed) }

    /// The seed that `LIMN_SEED` names, or another each time.
    static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(Int64.max))
    }
}
