import Causality
import MergeVectors
import Testing

/// Identifiers, origins and dots as bits and as texts.
struct NameTests {
    @Test func version7() throws {
        try TestSeed.forEach(300) { random in
            let time = Int64(random.next() >> 16), bits = (random.next(), random.next())
            let id = UniqueID.version7(unixMilliseconds: time, random: bits)
            guard id.high >> 16 == UInt64(time), id.high >> 12 & 0xf == 7, id.low >> 62 == 0b10,
                id.high & 0xfff == bits.0 & 0xfff, id.low & 0x3fff_ffff_ffff_ffff == bits.1 >> 2
            else { throw Disagreement("\(id)") }
            let later = UniqueID.version7(unixMilliseconds: time + 1, random: (random.next(), random.next()))
            guard time == 0xffff_ffff_ffff || id < later, id.bytes.lexicographicallyPrecedes(later.bytes) == (id < later) else {
                throw Disagreement("\(id) and \(later)")
            }
        }
        #expect(UniqueID.version7(unixMilliseconds: 0x0190_1234_5678, random: (.max, .max)).description == "01901234-5678-7fff-bfff-ffffffffffff")
        #expect(UniqueID.version7(unixMilliseconds: 0, random: (0, 0)).description == "00000000-0000-7000-8000-000000000000")
    }

    @Test func version8() throws {
        try TestSeed.forEach(300) { random in
            let hash = Digest128(high: random.next(), low: random.next()), id = UniqueID.version8(hash: hash)
            guard id.high >> 12 & 0xf == 8, id.low >> 62 == 0b10, (id.high ^ hash.high) & ~0xf000 == 0,
                (id.low ^ hash.low) & 0x3fff_ffff_ffff_ffff == 0
            else { throw Disagreement("\(id) of \(hash)") }
        }
        #expect(UniqueID.version8(hash: Digest128(high: .max, low: .max)).description == "ffffffff-ffff-8fff-bfff-ffffffffffff")
    }

    @Test func idsAsTextAndBytes() throws {
        try TestSeed.forEach(300) { random in
            let id = UniqueID(high: random.next() >> (random.below(64)), low: random.next() >> (random.below(64)))
            let text = id.description
            guard UniqueID(text) == id, UniqueID(text.uppercased()) == id, UniqueID(text.filter { $0 != "-" }) == id,
                UniqueID(bytes: id.bytes) == id, text.utf8.count == 36, id.bytes.count == 16
            else { throw Disagreement(text) }
        }
        for text in ["", "0", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000", "00000000-0000-0000-0000-00000000000g", "０0000000-0000-0000-0000-000000000000"] {
            #expect(UniqueID(text) == nil)
        }
        #expect(UniqueID(bytes: [1, 2]) == nil)
    }

    @Test func idsAreOrderedByTheirBytes() throws {
        try TestSeed.forEach(300) { random in
            let a = UniqueID(high: random.next() >> 62, low: random.next()), b = UniqueID(high: random.next() >> 62, low: random.next())
            guard (a < b) == a.bytes.lexicographicallyPrecedes(b.bytes), (a < b) == (a.description < b.description) else {
                throw Disagreement("\(a) and \(b)")
            }
        }
    }

    @Test func originsAndDotsAsText() throws {
        try TestSeed.forEach(300) { random in
            let dot = Dot(origin: Origin(rawValue: random.next() >> (random.below(64))), sequence: 1 + random.next() >> (random.below(63)))
            guard Origin(dot.origin.description) == dot.origin, dot.origin.description.utf8.count == 16, Dot(dot.description) == dot else {
                throw Disagreement("\(dot)")
            }
        }
        #expect(Dot(origin: Origin(rawValue: 0xab), sequence: 7).description == "00000000000000ab:7")
        for text in ["", "ab", "ab:", ":1", "ab:0", "ab:-1", "ab:1:2", "xy:1", "00000000000000001:1", "ab:18446744073709551616", "+ab:1", "ab:+1"] {
            #expect(Dot(text) == nil, "\(text)")
        }
        for text in ["", "+1", "-1", "-0", " 1", "1 "] { #expect(Origin(text) == nil, "\(text)") }
    }
}
