import CZlib
import DataExchange
import Foundation
import Testing

@Suite struct SpreadsheetTests {
    /// Reads an archive back by its directory, checks every size and checksum, and returns the entries' text.
    private func entries(_ bytes: [UInt8]) throws -> [String: String] {
        func number(_ at: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
        }
        let end = bytes.count - 22
        #expect(number(end, 4) == 0x0605_4B50)
        var at = number(end + 16, 4)
        #expect(at + number(end + 12, 4) == end)
        var found: [String: String] = [:]
        for _ in 0..<number(end + 10, 2) {
            #expect(number(at, 4) == 0x0201_4B50)
            let nameLength = number(at + 28, 2)
            let name = String(decoding: bytes[at + 46..<at + 46 + nameLength], as: UTF8.self)
            let (packed, unpacked, local) = (number(at + 20, 4), number(at + 24, 4), number(at + 42, 4))
            #expect(number(local, 4) == 0x0403_4B50)
            #expect(String(decoding: bytes[local + 30..<local + 30 + nameLength], as: UTF8.self) == name)
            let start = local + 30 + nameLength
            let text = inflated(Array(bytes[start..<start + packed]), unpacked)
            #expect(text.count == unpacked)
            #expect(Int(crc32(0, text, uInt(text.count))) == number(at + 16, 4))
            #expect(number(start + packed, 4) == 0x0807_4B50)
            #expect(bytes[start + packed + 4..<start + packed + 8] == bytes[at + 16..<at + 20])
            found[name] = String(decoding: text, as: UTF8.self)
            at += 46 + nameLength
        }
        return found
    }

    private func inflated(_ packed: [UInt8], _ size: Int) -> [UInt8] {
        var stream = z_stream()
        inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        var packed = packed
        var text = [UInt8](repeating: 0, count: size + 1)
        let count = packed.withUnsafeMutableBufferPointer { source in
            text.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = uInt(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = uInt(target.count)
                #expect(inflate(&stream, Z_FINISH) == Z_STREAM_END)
                return target.count - Int(stream.avail_out)
            }
        }
        return Array(text[..<count])
    }

    private func sheet(_ columns: [String], _ body: (XLSXWriter) throws -> Void) throws -> (String, [String: String]) {
        let bytes = WrittenBytes()
        let writer = try XLSXWriter(bytes.output(), sheetName: "客户 [A]/B", columns: columns)
        try body(writer)
        try writer.finish()
        let parts = try entries(bytes.bytes)
        return (try #require(parts["xl/worksheets/sheet1.xml"]), parts)
    }

    @Test func theArchiveHoldsThePartsOfASpreadsheet() throws {
        let (_, parts) = try sheet(["a"]) { _ in }
        #expect(
            Set(parts.keys) == [
                "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
                "xl/worksheets/sheet1.xml",
            ])
        #expect(parts["xl/workbook.xml"]?.contains("name=\"客户 AB\"") == true)
    }

    @Test func cellsAreTextOrNumbersAndNeverFormulas() throws {
        let (xml, _) = try sheet(["姓名", "amount", "x"]) { writer in
            writer.cell("=1+1 <&> \"q\"")
            writer.number("-12.50")
            writer.skip()
            try writer.endRow()
            writer.number("=A1")
            writer.cell("")
            writer.cell("a\r\nb\u{1}_x0041_")
            try writer.endRow()
        }
        func text(_ cell: String, _ text: String, _ style: String = "") -> String {
            "<c r=\"\(cell)\"\(style) t=\"inlineStr\"><is><t xml:space=\"preserve\">\(text)</t></is></c>"
        }
        #expect(xml.contains("<row r=\"1\">" + text("A1", "姓名", " s=\"1\"") + text("B1", "amount", " s=\"1\"")))
        #expect(
            xml.contains(
                "<row r=\"2\">" + text("A2", "=1+1 &lt;&amp;&gt; &quot;q&quot;") + "<c r=\"B2\"><v>-12.50</v></c></row>"
            ))
        #expect(xml.contains("<row r=\"3\">" + text("A3", "=A1") + text("C3", "a\nb_x0001__x005F_x0041_") + "</row>"))
        #expect(!xml.contains("<f>"))
        #expect(xml.contains("state=\"frozen\""))
        #expect(xml.hasSuffix("</sheetData></worksheet>"))
    }

    @Test func columnsAreAsWideAsTheirText() throws {
        let (xml, _) = try sheet(["a", "b", "c"]) { writer in
            writer.cell("一二三四五六七八九十")
            writer.cell("x")
            writer.cell(String(repeating: "y", count: 500))
            try writer.endRow()
        }
        #expect(xml.contains("<col min=\"1\" max=\"1\" width=\"22\""))
        #expect(xml.contains("<col min=\"2\" max=\"2\" width=\"10\""))
        #expect(xml.contains("<col min=\"3\" max=\"3\" width=\"62\""))
    }

    @Test func longTextIsCutAndCounted() throws {
        let bytes = WrittenBytes()
        let writer = try XLSXWriter(bytes.output(), columns: ["a"])
        writer.cell(String(repeating: "😀", count: 20_000))
        try writer.endRow()
        writer.cell(String(repeating: "张", count: TableLimits.sheetCellUnits))
        try writer.endRow()
        try writer.finish()
        #expect(writer.cutCells == 1)
        let xml = try #require(try entries(bytes.bytes)["xl/worksheets/sheet1.xml"])
        #expect(xml.unicodeScalars.count { $0 == "😀" } == TableLimits.sheetCellUnits / 2)
        #expect(xml.unicodeScalars.count { $0 == "张" } == TableLimits.sheetCellUnits)
    }

    @Test func manyRowsAndColumnsKeepTheirPlaces() throws {
        let names = (1...703).map { "c\($0)" }
        let (xml, _) = try sheet(names) { writer in
            for row in 0..<300 {
                for _ in 0..<702 { writer.skip() }
                writer.cell("last \(row)")
                try writer.endRow()
            }
        }
        #expect(xml.contains("<c r=\"AAA301\" t=\"inlineStr\"><is><t xml:space=\"preserve\">last 299</t>"))
        #expect(xml.contains("<c r=\"ZZ1\""))
    }

    @Test func theSheetIsWellFormedXML() throws {
        let (_, parts) = try sheet(["名 & <name>", "b"]) { writer in
            for text in ["]]>", "\u{FFFE}", "\t", "'\"", "&amp;", "\u{7F}\u{85}"] {
                writer.cell(text)
                writer.cell(text)
                try writer.endRow()
            }
        }
        for (name, text) in parts { #expect(isBalanced(text), "\(name)") }
    }

    /// Whether every element is closed in order and no ampersand or angle bracket stands free.
    private func isBalanced(_ xml: String) -> Bool {
        var open: [Substring] = []
        for piece in xml.split(separator: "<") {
            guard let close = piece.firstIndex(of: ">") else { return false }
            let tag = piece[..<close]
            let rest = piece[piece.index(after: close)...]
            if rest.contains(">") { return false }
            for ampersand in rest.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
                guard let end = ampersand.firstIndex(of: ";") else { return false }
                if !["amp", "lt", "gt", "quot", "#9"].contains(ampersand[..<end]) { return false }
            }
            if tag.hasPrefix("?") || tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                if open.popLast() != tag.dropFirst() { return false }
            } else {
                open.append(tag.prefix { $0 != " " })
            }
        }
        return open.isEmpty
    }
}
