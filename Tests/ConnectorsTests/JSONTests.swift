@testable import Connectors
import MergeVectors
import Testing

@Suite("JSON is read exactly and hostile texts are refused")
struct ConnectorJSONTests {
    @Test func numbersKeepTheirDigits() throws {
        let document = try #require(JSON(Array(#"{"id":9007199254740993,"amount":12.50,"e":1e-7,"a":[true,null,"\u5f20\ud83d\ude00"]}"#.utf8)))
        #expect(document["id"].text == "9007199254740993")
        #expect(document["amount"].text == "12.50")
        #expect(document.value(at: "a.2").text == "张😀")
        #expect(JSON(document.bytes) == document)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":}", "01", "1.", "tru", "\"\u{1}\"", "\"\\x\"", "[1] 2", "{\"a\" 1}", "nul", "-", "\"abc", "[\"\\u12\"]",
        "<!doctype html><title>500</title>",
    ])
    func whatIsNoneIsRefused(_ text: String) { #expect(JSON(Array(text.utf8)) == nil) }

    @Test func depthIsBounded() {
        #expect(JSON(Array((String(repeating: "[", count: 60) + String(repeating: "]", count: 60)).utf8)) != nil)
        #expect(JSON(Array(String(repeating: "[", count: 100_000).utf8)) == nil)
    }

    /// A text that is cut within a character, also where its repair would be as long; surrogates, overlong forms; with an escape before and without.
    @Test(arguments: [[0xFF, 0xFE], [0xE5, 0xBC], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0x41, 0x80]] as [[UInt8]])
    func bytesThatAreNoTextAreRefused(_ bytes: [UInt8]) {
        #expect(JSON([0x22] + bytes + [0x22]) == nil)
        #expect(JSON(Array(#""\n"#.utf8) + bytes + [0x22]) == nil)
    }

    @Test func aReplacementCharacterIsAText() { #expect(JSON(Array("\"张\u{FFFD}\"".utf8))?.text == "张\u{FFFD}") }

    @Test func objectsOfManySizesAreReadExactly() throws {
        let sizes = [0, 3, 200, 1, 0, 40, 2]
        let objects = sizes.map { size in JSON.object(Dictionary(uniqueKeysWithValues: (0..<size).map { ("k\($0)", JSON(Int64($0))) })) }
        #expect(JSON(JSON.array(objects).bytes) == .array(objects))
    }

    @Test func namesOfOneObjectAfterTheOtherAreReadExactly() {
        let text = #"[{"ab":1,"b":2,"张":3},{"a":4,"bc":5,"张三":6},{"b":7},{"a\u0062":8,"b":{"ab":9}},{"ab":10,"\u5f20":11},{"":12,"ab":13},{"":14}]"#
        #expect(JSON(Array(text.utf8)) == [
            ["ab": 1, "b": 2, "张": 3], ["a": 4, "bc": 5, "张三": 6], ["b": 7], ["ab": 8, "b": ["ab": 9]], ["ab": 10, "张": 11], ["": 12, "ab": 13], ["": 14],
        ])
    }

    @Test(arguments: [("[1,2,3]", 4), (#"{"a":{"b":1}}"#, 5), (#"["a,b:[{","\",,"]"#, 3), ("[[],[]]", 3)])
    func aDocumentOfMoreValuesAndNamesIsNotRead(_ text: String, _ count: Int) {
        #expect(JSON(Array(text.utf8), valuesMaximum: count) != nil)
        #expect(JSON(Array(text.utf8), valuesMaximum: count - 1) == nil)
    }

    /// What is found in place is what the whole document says: also of a name that stands twice, or is written with escapes.
    @Test(arguments: [
        #"{"a":1,"b":{"a":2,"c":[]},"a":"x\ty","ab":null,"\u0061c":true,"d":[1,[2,{"a":3}],{}]}"#, "[[],{},[1,2],\"张\"]", "null", " 12.50 ", "\"\\u5f20\"", "{}",
    ])
    func whatStandsInPlaceIsWhatTheDocumentSays(_ text: String) throws {
        func check(_ place: JSONPlace, _ value: JSON) {
            #expect(place.value == value && place.isNull == (value == .null))
            #expect((place.items ?? []).map(\.value) == value.items ?? [] && (place.items == nil) == (value.items == nil))
            for (item, whole) in zip(place.items ?? [], value.items ?? []) { check(item, whole) }
            for name in ["a", "b", "ab", "ac", "c", "d", "", "张"] {
                #expect(place.member(name)?.value == value.member(name) && place[name] == value[name])
                if let member = place.member(name), let whole = value.member(name) { check(member, whole) }
            }
        }
        check(try #require(JSONPlaces(Array(text.utf8), valuesMaximum: .max)).root, try #require(JSON(Array(text.utf8))))
    }

    @Test func membersOfOneObjectAfterTheOtherAreFoundExactly() throws {
        let text = #"""
            [{"a":1,"b":[2,{"a":0}],"c":"x"},{"a":4,"b":[],"c":null},{"a":4,"c":5,"b":6},{"a":7},{"a":8,"a":9},{"a":10,"a":11,"d":12},{},7,
            {"\u0061":13,"b":14},{"\u0061":15,"c":16},{"a":17,"b":{"c":18},"c":19}]
            """#
        let places = try #require(JSONPlaces(Array(text.utf8), valuesMaximum: .max)?.root.items), whole = try #require(JSON(Array(text.utf8))?.items)
        let members = JSONMembers()
        for round in [["a", "b", "c"], ["c", "a", "d", "a"], ["b"]] {
            for (place, value) in zip(places, whole) {
                members.take(place)
                // What is asked for differs from object to object where there is a "b".
                for name in value.holds("b") ? round : round.reversed() {
                    #expect(members.member(name)?.value == value.member(name) && members[name] == value[name])
                }
            }
        }
    }

    @Test func aRecordTellsItsFieldsInTheOrderOfTheirNames() {
        var fields: RemoteFields = ["b": .text("2"), "a": .empty, "张": .list(["x"])]
        #expect(fields.names == ["a", "b", "张"] && fields["b"] == .text("2") && fields["c"] == nil)
        fields["c"] = .text("3")
        fields["a"] = nil
        fields["张"] = .empty
        fields["d"] = nil
        #expect(fields == RemoteFields(["张": .empty, "c": .text("3"), "b": .text("2")]))
        #expect(fields.names == ["b", "c", "张"] && fields.values == [.text("2"), .text("3"), .empty])
    }

    @Test func anyBytesEnd() {
        var random = SplitMix64(seed: 11)
        let seeds = [#"{"data":[{"id":1,"name":"张三","at":null}],"next":"a\"b"}"#, "[1.5e3,-2,true,false]"]
        for _ in 0..<20_000 {
            var bytes = Array(seeds[Int(random.next() % 2)].utf8)
            for _ in 0..<(random.next() % 4) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            if let document = JSON(bytes) { #expect(JSON(document.bytes) == document) }
        }
    }

    @Test func timesOfManySystemsAreRead() {
        let noon = RemoteTime.microseconds("2026-11-01T03:30:17Z")
        for text in ["2026-11-01T03:30:17.000+0000", "2026-11-01T11:30:17+08:00", "1793503817", "1793503817000", "1793503817000000"] {
            #expect(RemoteTime.microseconds(text) == noon, "\(text)")
        }
        #expect(RemoteTime.microseconds("yesterday") == nil)
    }
}
