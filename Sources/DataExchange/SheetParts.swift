/// The parts of a spreadsheet file that do not depend on its rows (ECMA-376), and how text stands in them.
enum SheetParts {
    static let sheetPath = "xl/worksheets/sheet1.xml"

    private static let declaration = #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"# + "\n"
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package = "http://schemas.openxmlformats.org/package/2006"
    private static let content = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    /// The sheet up to its columns: the first row is frozen.
    static var sheetStart: String {
        declaration + #"<worksheet xmlns="\#(main)"><sheetViews><sheetView workbookViewId="0">"#
            + #"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>"#
    }

    /// The files beside the sheet. Style 1 is bold.
    static func fixed(sheetName: String) -> [(name: String, text: String)] {
        var name: [UInt8] = []
        _ = appendEscaped(validName(sheetName), to: &name)
        return [
            (
                "[Content_Types].xml",
                declaration + #"<Types xmlns="\#(package)/content-types">"#
                    + #"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#
                    + #"<Override PartName="/xl/workbook.xml" ContentType="\#(content).sheet.main+xml"/>"#
                    + #"<Override PartName="/xl/worksheets/sheet1.xml" ContentType="\#(content).worksheet+xml"/>"#
                    + #"<Override PartName="/xl/styles.xml" ContentType="\#(content).styles+xml"/></Types>"#
            ),
            (
                "_rels/.rels",
                declaration + #"<Relationships xmlns="\#(package)/relationships">"#
                    + #"<Relationship Id="rId1" Type="\#(office)/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
            (
                "xl/workbook.xml",
                declaration + #"<workbook xmlns="\#(main)" xmlns:r="\#(office)"><sheets>"#
                    + #"<sheet name="\#(String(decoding: name, as: UTF8.self))" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
            (
                "xl/_rels/workbook.xml.rels",
                declaration + #"<Relationships xmlns="\#(package)/relationships">"#
                    + #"<Relationship Id="rId1" Type="\#(office)/worksheet" Target="worksheets/sheet1.xml"/>"#
                    + #"<Relationship Id="rId2" Type="\#(office)/styles" Target="styles.xml"/></Relationships>"#
            ),
            ("xl/styles.xml", declaration + styles),
        ]
    }

    private static var styles: String {
        let font = #"<sz val="11"/><name val="Calibri"/>"#
        let border = "<border><left/><right/><top/><bottom/><diagonal/></border>"
        let format = #"<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>"#
        return #"<styleSheet xmlns="\#(main)"><fonts count="2"><font>\#(font)</font><font><b/>\#(font)</font></fonts>"#
            + #"<fills count="2"><fill><patternFill patternType="none"/></fill>"#
            + #"<fill><patternFill patternType="gray125"/></fill></fills><borders count="1">\#(border)</borders>"#
            + #"<cellStyleXfs count="1">\#(format)</cellStyleXfs><cellXfs count="2">"#
            + #"<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#
            + #"<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>"#
            + #"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#
    }

    /// A name that Excel accepts for a sheet: 1 to 31 UTF-16 units, none of `[]:*?/\`, no apostrophe at either end.
    static func validName(_ name: String) -> String {
        var units = 0
        var kept = ""
        for scalar in name.unicodeScalars where !"[]:*?/\\".unicodeScalars.contains(scalar) && scalar.value >= 0x20 {
            units += UTF16.width(scalar)
            if units > 31 { break }
            kept.unicodeScalars.append(scalar)
        }
        while kept.hasPrefix("'") { kept.removeFirst() }
        while kept.hasSuffix("'") { kept.removeLast() }
        return kept.isEmpty ? "Sheet1" : kept
    }

    /// The name of a column, counted from 0: A, B … Z, AA.
    static func columnName(_ column: Int) -> String {
        var name: [UInt8] = []
        var rest = column + 1
        while rest > 0 {
            name.append(UInt8(ascii: "A") + UInt8((rest - 1) % 26))
            rest = (rest - 1) / 26
        }
        return String(decoding: name.reversed(), as: UTF8.self)
    }

    /// The start of a text that is as long as a cell may be.
    static func cut(_ text: String) -> String {
        var units = 0
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            units += UTF16.width(scalar)
            if units > TableLimits.sheetCellUnits { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// Appends text as XML and returns how wide its widest line is, in columns of a Latin letter; East Asian letters
    /// count two.
    static func appendEscaped(_ text: String, to bytes: inout [UInt8]) -> Int {
        var widest = 0
        var width = 0
        var previous: Unicode.Scalar = " "
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            width += scalar.value >= 0x1100 ? 2 : 1
            switch scalar {
            case "&": bytes += "&amp;".utf8
            case "<": bytes += "&lt;".utf8
            case ">": bytes += "&gt;".utf8
            case "\"": bytes += "&quot;".utf8
            case "\t": bytes += "&#9;".utf8
            case "\r", "\n":
                if scalar == "\r" || previous != "\r" { bytes.append(Byte.lineFeed) }
                widest = max(widest, width)
                width = 0
            case "_" where looksEscaped(scalars[index...]): bytes += "_x005F_".utf8
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                bytes += "_x\(String(repeating: "0", count: 4 - digits.count))\(digits)_".utf8
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
            previous = scalar
            scalars.formIndex(after: &index)
        }
        return max(widest, width)
    }

    /// Whether text begins like `_x000D_`, which Excel would read as one character.
    private static func looksEscaped(_ text: Substring.UnicodeScalarView) -> Bool {
        let start = Array(text.prefix(7))
        return start.count == 7 && start[1] == "x" && start[6] == "_"
            && start[2...5].allSatisfy { $0.properties.isASCIIHexDigit }
    }
}
