import Foundation

/// Random choices that a seed repeats (SplitMix64).
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    /// The seed is mixed first: seeds that are multiples of the step apart would give one sequence, shifted.
    init(seed: UInt64) {
        state = seed ^ 0x1234_5678_9ABC_DEF0
        var mixed = next()
        mixed ^= next() << 1
        state = mixed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Whether something of this probability happens.
    mutating func happens(_ probability: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < probability }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }

    mutating func one<Element>(of list: [Element]) -> Element { list[below(list.count)] }

    /// One of a list whose first ones are the most common: the k-th has a weight of 1/(k + flatness).
    mutating func common<Element>(of list: [Element], flatness: Double = 8) -> Element {
        // The integral of the weights, inverted.
        let span = Double(list.count)
        let place = flatness * (pow((span + flatness) / flatness, Double(next() >> 11) * 0x1p-53) - 1)
        return list[min(list.count - 1, Int(place))]
    }
}
