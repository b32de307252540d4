internal import CExpat

/// Reads XML as elements that begin and end, with their texts, over the system's expat.
///
/// A document with a type declaration is refused, so there are no entities but those that XML itself has, and nothing outside the document is
/// ever asked for.
struct XMLElements {
    /// Why a document cannot be read.
    enum Fault: Error {
        /// It is not well-formed, not in an encoding that is known, or too deep.
        case unreadable
        /// It declares a type.
        case declared
    }

    static let depthMaximum = 64

    /// What is told of a document; names are of the form `NAMESPACE|NAME`.
    protocol Reader: AnyObject {
        func began(_ name: String)
        func ended(_ name: String)
        /// A piece of text, valid during the call; one text may come in several.
        func text(_ bytes: UnsafeBufferPointer<UInt8>)
    }

    /// What the functions that C calls find their way by.
    private final class State {
        let reader: any Reader
        let parser: XML_Parser
        var depth = 0
        var fault: Fault?

        init(_ reader: any Reader, _ parser: XML_Parser) {
            self.reader = reader
            self.parser = parser
        }

        func stop(_ fault: Fault) {
            self.fault = self.fault ?? fault
            XML_StopParser(parser, 0)
        }

        static func of(_ pointer: UnsafeMutableRawPointer?) -> State { Unmanaged<State>.fromOpaque(pointer!).takeUnretainedValue() }
    }

    /// Reads a whole document.
    ///
    /// - Complexity: O(bytes) and bounded memory, beside what the reader keeps.
    static func read(_ bytes: [UInt8], _ reader: any Reader) throws(Fault) {
        guard let parser = XML_ParserCreateNS(nil, CChar(bitPattern: UInt8(ascii: "|"))) else { throw .unreadable }
        defer { XML_ParserFree(parser) }
        let state = State(reader, parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(state).toOpaque())
        XML_SetElementHandler(parser, { pointer, name, _ in
            let state = State.of(pointer)
            state.depth += 1
            if state.depth > XMLElements.depthMaximum { return state.stop(.unreadable) }
            state.reader.began(String(cString: name!))
        }, { pointer, name in
            let state = State.of(pointer)
            state.depth -= 1
            state.reader.ended(String(cString: name!))
        })
        XML_SetCharacterDataHandler(parser) { pointer, text, count in
            guard let text, count > 0 else { return }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                State.of(pointer).reader.text(UnsafeBufferPointer(start: $0, count: Int(count)))
            }
        }
        XML_SetStartDoctypeDeclHandler(parser) { pointer, _, _, _, _ in State.of(pointer).stop(.declared) }
        let isWhole = withExtendedLifetime(state) {
            bytes.withUnsafeBufferPointer { all in
                // The parser counts in 32 bits.
                var start = 0
                repeat {
                    let count = min(all.count - start, 1 << 20), isLast = start + count == all.count
                    let status = (all.baseAddress.map { $0 + start }).map { piece in
                        piece.withMemoryRebound(to: CChar.self, capacity: count) { XML_Parse(parser, $0, Int32(count), isLast ? 1 : 0) }
                    } ?? XML_Parse(parser, nil, 0, 1)
                    if status != XML_STATUS_OK { return false }
                    start += count
                } while start < all.count
                return true
            }
        }
        if let fault = state.fault { throw fault }
        if !isWhole { throw .unreadable }
    }
}
