/// A hash that is the same in every process and version: blocking keys and published frequencies are named by it.
struct StableHash {
    private(set) var value: UInt64

    init(_ seed: UInt64) { value = StableHash.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

    mutating func combine(_ word: UInt64) { value = StableHash.mix(value ^ StableHash.mix(word &+ 0x9E37_79B9_7F4A_7C15)) }

    mutating func combine(_ units: some Sequence<UInt16>) {
        var word: UInt64 = 0, count: UInt64 = 0
        for unit in units {
            word = word << 16 | UInt64(unit)
            count += 1
            if count % 4 == 0 {
                combine(word)
                word = 0
            }
        }
        combine(word)
        combine(count)
    }

    /// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit of the result hangs on each bit of the word.
    static func mix(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
