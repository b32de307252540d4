import DataExchange
import Testing

@Suite struct EncodingTests {
    private static let text = "姓名,备注\n张伟,\"喜欢\n茶\"\n李娜,𠮷野家 €\n"
    private static let rows: [[String?]] = [["张伟", "喜欢\n茶"], ["李娜", "𠮷野家 €"]]

    /// The same text in GB18030, with a four-byte character (𠮷) and the euro sign.
    private static let chinese: [UInt8] = [
        0xD0, 0xD5, 0xC3, 0xFB, 0x2C, 0xB1, 0xB8, 0xD7, 0xA2, 0x0A, 0xD5, 0xC5, 0xCE, 0xB0, 0x2C, 0x22, 0xCF, 0xB2,
        0xBB, 0xB6, 0x0A, 0xB2, 0xE8, 0x22, 0x0A, 0xC0, 0xEE, 0xC4, 0xC8, 0x2C, 0x95, 0x34, 0xB2, 0x35, 0xD2, 0xB0,
        0xBC, 0xD2, 0x20, 0xA2, 0xE3, 0x0A,
    ]

    private static var forms: [(TextEncoding, [UInt8])] {
        [
            (.utf8, Array(text.utf8)),
            (.utf8, [0xEF, 0xBB, 0xBF] + Array(text.utf8)),
            (.utf16LittleEndian, utf16(text, bigEndian: false, mark: true)),
            (.utf16LittleEndian, utf16(text, bigEndian: false, mark: false)),
            (.utf16BigEndian, utf16(text, bigEndian: true, mark: true)),
            (.utf16BigEndian, utf16(text, bigEndian: true, mark: false)),
            (.gb18030, chinese),
        ]
    }

    @Test func everyEncodingIsFound() throws {
        for (encoding, bytes) in Self.forms {
            let table = try TableReader(ByteInput(bytes: bytes))
            #expect(table.encoding == encoding)
            #expect(table.columns == ["姓名", "备注"])
            #expect(try collect(table).cells == Self.rows)
        }
    }

    @Test func everyPlaceToStopGivesTheSameRows() throws {
        for (_, bytes) in Self.forms {
            for step in [1, 2, 3] { #expect(try read(bytes, step: step).cells == Self.rows) }
        }
    }

    @Test func aTextLongerThanAChunkIsConvertedWhole() throws {
        var text = "编号,名称\n"
        for number in 0..<40_000 { text += "\(number),客户\(number)号\u{1F600}\n" }
        for (bytes, step) in [
            (utf16(text, bigEndian: false, mark: true), 4_097), (utf16(text, bigEndian: true, mark: false), 65_535),
        ] {
            let table = try read(bytes, step: step)
            #expect(table.codes == [])
            #expect(table.cells.count == 40_000)
            #expect(table.rows[31_234] == .row(line: 31_236, ["31234", "客户31234号\u{1F600}"]))
        }
    }

    @Test func aNamedEncodingIsUsed() throws {
        #expect(try read(Self.chinese, options: TableOptions(encoding: TextEncoding(named: "GBK"))).cells == Self.rows)
        let little = utf16(Self.text, bigEndian: false, mark: false)
        #expect(try read(little, options: TableOptions(encoding: TextEncoding(named: "UTF-16LE"))).cells == Self.rows)
        let marked = utf16(Self.text, bigEndian: true, mark: true)
        #expect(try read(marked, options: TableOptions(encoding: TextEncoding(named: "utf16"))).cells == Self.rows)
        #expect(throws: TableError.self) { try TextEncoding(named: "latin-9") }
    }

    @Test func brokenUTF8RejectsItsRowAlone() throws {
        let bytes = Array("a,b\n张,1\n".utf8) + [0xFF, 0x2C, 0x31, 0x0A] + Array("李,2\n".utf8)
        let table = try read(bytes)
        #expect(table.codes == ["exchange.encoding-invalid"])
        #expect(table.cells == [["张", "1"], ["李", "2"]])
        #expect(
            table.rows[1] == .rejected(line: 3, lastLine: 3, code: "exchange.encoding-invalid", raw: "\u{FFFD},1"))
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xE4, 0xBD], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func malformedSequencesAreRejected(_ sequence: [UInt8]) throws {
        let options = TableOptions(encoding: .utf8)
        for padding in 0..<9 {
            let bytes = Array("a\n".utf8) + Array(repeating: 0x78, count: padding) + sequence + [0x0A]
            #expect(try read(bytes, options: options).codes == ["exchange.encoding-invalid"])
        }
    }

    @Test func wellFormedSequencesPass() throws {
        let options = TableOptions(encoding: .utf8)
        for text in ["\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{10000}", "\u{10FFFF}"] {
            for padding in 0..<9 {
                let cell = String(repeating: "x", count: padding) + text
                #expect(try read("a\n\(cell)\n", options: options).cells == [[cell]])
            }
        }
    }

    @Test func brokenGB18030RejectsItsRowAlone() throws {
        let bytes =
            Self.chinese + [0xB1, 0x2C, 0x31, 0x0A] + [0xD5, 0xC5, 0x2C, 0xFF, 0x0A] + [0xC0, 0xEE, 0x2C, 0x32, 0x0A]
        let table = try read(bytes)
        #expect(table.cells == Self.rows + [["李", "2"]])
        #expect(table.codes == ["exchange.encoding-invalid", "exchange.encoding-invalid"])
    }

    @Test func aLoneSurrogateRejectsItsRowAlone() throws {
        var units = Array("a,b\n1,x\n".utf16)
        units.insert(0xD800, at: 6)
        units += Array("2,y\n".utf16)
        let bytes: [UInt8] = [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let table = try read(bytes)
        #expect(table.codes == ["exchange.encoding-invalid"])
        #expect(table.cells == [["2", "y"]])
    }

    @Test func aSequenceCutOffByTheEndRejectsItsRow() throws {
        let table = try read(Self.chinese + [0xD5, 0xC5, 0x2C, 0xB0])
        #expect(table.codes == ["exchange.encoding-invalid"])
        let odd = utf16("a\n1\n2", bigEndian: true, mark: true) + [0x4E]
        #expect(try read(odd).codes == ["exchange.encoding-invalid"])
    }
}
