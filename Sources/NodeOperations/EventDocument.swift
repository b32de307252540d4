internal import DataExchange

/// JSON documents of events, tasks and definitions: keys in the order of their bytes, so that equal content is equal bytes.
enum EventDocument {
    enum Value {
        case text(String)
        case flag(Bool)
        case json(String)
    }

    static func text(_ members: [String: Value]) -> String {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            switch value {
            case .text(let text): JSONText.append(text, to: &out)
            case .flag(let flag): out += Array(flag ? "true".utf8 : "false".utf8)
            case .json(let text): out += Array(text.utf8)
            }
        }
        out.append(UInt8(ascii: "}"))
        return String(decoding: out, as: UTF8.self)
    }
}
