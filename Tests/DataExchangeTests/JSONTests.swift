import DataExchange
import Testing

@Suite struct JSONTests {
    @Test func columnsGrowAsTheyAppear() throws {
        let table = try read(
            #"{"name":"张伟","age":41}"# + "\n\n" + #"  {"age":1.5e3, "vip":true,"name":null}"# + "\r\n{}\n")
        #expect(table.columns == ["name", "age", "vip"])
        #expect(
            table.rows == [
                .row(line: 1, ["张伟", "41"]), .row(line: 3, [nil, "1.5e3", "true"]), .row(line: 4, [nil, nil, nil]),
            ])
    }

    @Test func kindsTellAbsentFromNull() throws {
        let table = try TableReader(
            ByteInput(
                bytes: Array(
                    #"{"a":"","b":null,"c":["x",1,false,"\"\u4f60"],"d":{"e":[1]},"f":[null],"g":[],"h":-0}"#.utf8)
            ))
        guard case .row(let row) = try table.next() else { return #expect(Bool(false)) }
        #expect((0..<8).map { row.kind($0) } == [.text, .null, .list, .json, .json, .list, .number, .absent])
        #expect(row.list(2) == ["x", "1", "false", "\"你"])
        #expect(row.list(5) == [])
        #expect(row.list(3) == nil)
        #expect(row.string(3) == #"{"e":[1]}"#)
        #expect(row.string(0) == "")
        #expect(row.string(1) == nil)
        #expect(row.bytes(1).isEmpty)
        #expect(String(decoding: row.rawBytes.prefix(7), as: UTF8.self) == #"{"a":"""#)
    }

    @Test func escapesAreRead() throws {
        let table = try read(#"{"a":"\"\\\/\b\f\n\r\t\u00e9\u4F60\ud83d\ude00","\u0062":"x"}"#)
        #expect(table.columns == ["a", "b"])
        #expect(table.cells == [["\"\\/\u{8}\u{C}\n\r\té你😀", "x"]])
    }

    @Test(arguments: [
        (#"{"a":1"#, "exchange.json-invalid"),
        (#"{"a":1}}"#, "exchange.json-invalid"),
        (#"{"a":01}"#, "exchange.json-invalid"),
        (#"{"a":1.}"#, "exchange.json-invalid"),
        (#"{"a":+1}"#, "exchange.json-invalid"),
        (#"{"a":NaN}"#, "exchange.json-invalid"),
        (#"{"a":tru}"#, "exchange.json-invalid"),
        (#"{"a":"x}"#, "exchange.json-invalid"),
        (#"{"a":"\x"}"#, "exchange.json-invalid"),
        (#"{"a":"\ud800"}"#, "exchange.json-invalid"),
        (#"{"a":"\udc00"}"#, "exchange.json-invalid"),
        (#"{"a":"\u12"}"#, "exchange.json-invalid"),
        (#"{"a":1,}"#, "exchange.json-invalid"),
        (#"{"a":[1,]}"#, "exchange.json-invalid"),
        (#"{'a':1}"#, "exchange.json-invalid"),
        ("{\"a\":\"\t\"}", "exchange.json-invalid"),
        (#"[1,2]"#, "exchange.json-not-object"),
        (#""text""#, "exchange.json-not-object"),
        (#"name,phone"#, "exchange.json-invalid"),
        (#"{"b":1,"b":2}"#, "exchange.json-duplicate-name"),
        (#"{"a":"\u0000"}"#, "exchange.nul-byte"),
        ("{\"a\":\"\0\"}", "exchange.nul-byte"),
    ])
    func aBadLineIsRejectedAlone(_ line: String, _ code: String) throws {
        let table = try read("{\"a\":1}\n\(line)\n{\"a\":2}\n", name: "x.jsonl")
        #expect(table.columns == ["a"])
        #expect(table.cells == [["1"], ["2"]])
        #expect(table.codes == [code])
    }

    @Test func nestingIsBounded() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try read("{\"a\":\(deep)}").codes == ["exchange.json-invalid"])
        let fits = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(try read("{\"a\":\(fits)}").codes == [])
    }

    @Test func invalidBytesRejectTheirLine() throws {
        let bytes = Array("{\"a\":\"张\"}\n{\"a\":\"".utf8) + [0xFF] + Array("\"}\n{\"a\":\"李\"}".utf8)
        let table = try read(bytes)
        #expect(table.codes == ["exchange.encoding-invalid"])
        #expect(table.cells == [["张"], ["李"]])
    }

    @Test func anArrayIsReadAsItsObjects() throws {
        let table = try read(
            """
            [
              {"a": "1]",
               "b": [1, {"c": "}"}]},
              17, {"a": 2},
              {"a": }, {"a": 3} ]

            """)
        #expect(
            table.rows == [
                .row(line: 2, ["1]", #"[1, {"c": "}"}]"#]),
                .rejected(line: 4, lastLine: 4, code: "exchange.json-not-object", raw: "17"),
                .row(line: 4, ["2", nil]),
                .rejected(line: 5, lastLine: 5, code: "exchange.json-invalid", raw: #"{"a": }"#),
                .row(line: 5, ["3", nil]),
            ])
        #expect(try read("[]").rows == [])
        #expect(try read(" [ ] \n", name: "x.json").rows == [])
    }

    @Test func aCutOffArrayIsReported() throws {
        let table = try read("[{\"a\":1},\n{\"a\":2")
        #expect(table.cells == [["1"]])
        #expect(table.codes == ["exchange.json-unterminated"])
        #expect(try read("[{\"a\":1},").codes == ["exchange.json-unterminated"])
        #expect(try read("[{\"a\":1}").codes == ["exchange.json-unterminated"])
        #expect(try read("[{\"a\":1}] x").codes == ["exchange.json-invalid"])
    }

    @Test func aLineBreakInAStringLosesOneElement() throws {
        let table = try read("[{\"a\":1},\n{\"a\":\"open},\n{\"a\":2},\n{\"a\":3} {\"a\":4},\n{\"a\":5}]")
        #expect(table.cells == [["1"], ["2"], ["3"], ["5"]])
        #expect(table.codes == ["exchange.json-invalid", "exchange.json-invalid"])
    }

    @Test func everyPlaceToStopGivesTheSameRows() throws {
        let lines = Array("{\"a\":\"\\ud83d\\ude00 张\"}\r\n{\"b\":[1, \"x\"]}\n{bad\n{\"c\":{\"d\":null}}".utf8)
        let array = Array(
            "\u{FEFF}[ {\"a\":\"x\\\"]\"},\r\n{\"b\":[1,\n2]}, 5, {\"a\":\"o\npen\"},\n{\"b\":{}} ] tail".utf8)
        for bytes in [lines, array] {
            let whole = try read(bytes)
            #expect(!whole.codes.isEmpty)
            for step in [1, 2, 3, 5] { #expect(try read(bytes, step: step) == whole) }
            for length in 1..<bytes.count {
                let part = Array(bytes[..<length])
                let options = TableOptions(format: bytes == lines ? .jsonLines : .jsonArray)
                #expect(try read(part, step: 1, options: options) == read(part, options: options))
            }
        }
    }

    @Test func theNameDecidesTheFormatBeforeTheText() throws {
        #expect(try TableReader(ByteInput(bytes: Array("{\"a\":1}".utf8), name: "x.csv")).format == .csv)
        #expect(try TableReader(ByteInput(bytes: Array("nonsense".utf8), name: "x.JSONL")).format == .jsonLines)
        #expect(try TableReader(ByteInput(bytes: Array("[{\"a\":1}]".utf8), name: "x.jsonl")).format == .jsonArray)
        #expect(try TableReader(ByteInput(bytes: Array(" {\"a\":1}".utf8), name: "-")).format == .jsonLines)
        #expect(try TableReader(ByteInput(bytes: Array("[x],b\n".utf8), name: "-")).format == .csv)
    }

    @Test func writtenStringsReadBack() throws {
        var generator = SeededGenerator(test: "writtenStringsReadBack")
        let alphabet: [Unicode.Scalar] = [
            "a", "\"", "\\", "\n", "\t", "\u{1}", "\u{1F}", "\u{7F}", "张", "\u{2028}", "😀", "/",
        ]
        for _ in 0..<500 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                text.append(alphabet.randomElement(using: &generator)!)
            }
            var bytes = Array("{\"a\":".utf8)
            JSONText.append(String(text), to: &bytes)
            #expect(try read(bytes + [0x7D]).cells == [[String(text)]])
        }
    }
}
