internal import ProfileModel

extension ConnectorMapping {
    /// So many lines a mapping has at most, and so many characters a line.
    static let linesMaximum = 2_000, lineMaximum = 4_000

    /// Reads a mapping.
    ///
    /// - Throws: `crm.mapping-line` with `line` and `reason`: `columns`, `unknown-word`, `no-object`, `object-twice`, `field-twice`, `kind`,
    ///   `direction`, `blank`, `form`, `authority`, `too-long`, `association`, `score`, `list`, `where`; `crm.mapping-empty`.
    public init(text: String) throws(ConnectorError) {
        self.init()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = line.last == "\r" ? line.dropLast() : line
            if line.isEmpty || line.first == "#" || line.allSatisfy(\.isWhitespace) { continue }
            do throws(Fault) {
                if line.utf8.count > Self.lineMaximum || index >= Self.linesMaximum { throw .tooLong }
                try take(line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0.trimmingBlanks) })
            } catch { throw ConnectorError("crm.mapping-line", ["line": String(index + 1), "reason": error.rawValue]) }
        }
        if objects.isEmpty { throw ConnectorError("crm.mapping-empty") }
        for object in objects where !isSoundlyDivided(object) {
            let line = lines.firstIndex { $0.hasPrefix("set\twhere\t\(object.settings["where"] ?? "")") } ?? 0
            throw ConnectorError("crm.mapping-line", ["line": String(line + 1), "reason": Fault.where.rawValue])
        }
        shareConditions()
        for object in objects {
            for association in object.associations where !object.mayName(self[object: association.object]) {
                let line = lines.firstIndex { $0.hasPrefix("association\t\(association.remote)\t\(association.object)") } ?? 0
                throw ConnectorError("crm.mapping-line", ["line": String(line + 1), "reason": Fault.association.rawValue])
            }
            // One says which tags a customer has: a property or the lists.
            if !object.lists.isEmpty, objects.contains(where: { !$0.isEvent && $0.kind == object.kind && $0.fields.contains { $0.local == "tags" } }) {
                let line = lines.firstIndex { $0.hasPrefix("list\t") } ?? 0
                throw ConnectorError("crm.mapping-line", ["line": String(line + 1), "reason": Fault.list.rawValue])
            }
        }
    }

    private enum Fault: String, Error {
        case columns, noObject = "no-object", objectTwice = "object-twice", fieldTwice = "field-twice", kind, direction, blank, form, authority
        case unknownWord = "unknown-word", tooLong = "too-long", association, score, list, `where`
    }

    /// Whether a record of an object's model can be told to be one of its objects': these share ids, and events are not divided.
    private func isSoundlyDivided(_ object: MappedObject) -> Bool {
        if object.settings["where"] != nil, object.condition == nil || object.isEvent { return false }
        let others = objects(sharing: object)
        return others.count == 1 || others.allSatisfy { !$0.isEvent && $0.idPrefix == object.idPrefix }
    }

    private mutating func take(_ columns: [String]) throws(Fault) {
        switch columns[0] {
        case "set":
            guard columns.count == 3, !columns[1].isEmpty else { throw .columns }
            if objects.isEmpty { settings[columns[1]] = columns[2] } else { objects[objects.count - 1].settings[columns[1]] = columns[2] }
        case "object":
            guard columns.count == 3, !columns[1].isEmpty else { throw .columns }
            guard ["person", "organization", "event"].contains(columns[2]) else { throw .kind }
            if self[object: columns[1]] != nil { throw .objectTwice }
            objects.append(MappedObject(name: columns[1], kind: columns[2]))
        case "field":
            guard (3...7).contains(columns.count), !columns[1].isEmpty, !columns[2].isEmpty else { throw .columns }
            guard !objects.isEmpty else { throw .noObject }
            var field = MappedField(local: columns[1], remote: columns[2])
            if let word = columns.word(3) {
                guard let direction = MappedField.Direction(rawValue: word) else { throw .direction }
                field.direction = direction
            }
            if let word = columns.word(4) {
                guard let blank = MappedField.BlankRule(rawValue: word) else { throw .blank }
                field.blank = blank
            }
            if let word = columns.word(5) {
                guard let form = ValueForm(text: word) else { throw .form }
                field.form = form
            }
            if let word = columns.word(6) {
                guard let authority = MappedField.Authority(rawValue: word) else { throw .authority }
                field.authority = authority
            }
            let known = objects[objects.count - 1].fields
            if known.contains(where: { $0.remote == field.remote && $0.direction != .out && field.direction != .out }) { throw .fieldTwice }
            if objects[objects.count - 1].computations.contains(where: { $0.remote == field.remote }) { throw .fieldTwice }
            objects[objects.count - 1].fields.append(field)
        case "association":
            guard (3...5).contains(columns.count), !columns[1].isEmpty, !columns[2].isEmpty else { throw .columns }
            guard !objects.isEmpty else { throw .noObject }
            var association = MappedAssociation(remote: columns[1], object: columns[2])
            if let word = columns.word(3) {
                guard let direction = MappedField.Direction(rawValue: word) else { throw .direction }
                association.direction = direction
            }
            if let word = columns.word(4) {
                guard let form = ValueForm(text: word) else { throw .form }
                association.form = form
            }
            if objects[objects.count - 1].associations.contains(where: { $0.remote == association.remote }) { throw .fieldTwice }
            objects[objects.count - 1].associations.append(association)
        case "list": try take(list: columns)
        case "segment", "score": try take(computation: columns)
        default: throw .unknownWord
        }
    }

    private mutating func take(list columns: [String]) throws(Fault) {
        guard (2...4).contains(columns.count), !columns[1].isEmpty else { throw .columns }
        guard let object = objects.last else { throw .noObject }
        if object.isEvent { throw .kind }
        var list = MappedList(remote: columns[1], tag: columns.word(2))
        if let word = columns.word(3) {
            // What is only written would be taken back by nobody.
            guard let direction = MappedField.Direction(rawValue: word), direction != .out else { throw .direction }
            list.direction = direction
        }
        if list.isAll, list.tag != nil { throw .list }
        if object.lists.contains(where: { $0.remote == list.remote }) { throw .fieldTwice }
        objects[objects.count - 1].lists.append(list)
    }

    private mutating func take(computation columns: [String]) throws(Fault) {
        let isSegment = columns[0] == "segment", least = isSegment ? 4 : 3
        guard (least...least + 1).contains(columns.count), columns[1..<least].allSatisfy({ !$0.isEmpty }) else { throw .columns }
        guard let object = objects.last else { throw .noObject }
        if object.isEvent { throw .kind }
        var computation = MappedComputation(name: columns[1], remote: columns[2], rule: .segment(expression: isSegment ? columns[3] : ""))
        if !isSegment {
            guard let score = CustomerScore(rawValue: columns[1]), !computation.isList else { throw .score }
            computation = MappedComputation(name: columns[1], remote: columns[2], rule: .score(score))
        }
        if let word = columns.word(least) {
            guard let form = ValueForm(text: word) else { throw .form }
            computation.form = form
        }
        let isTaken = object.fields.contains { $0.remote == computation.remote } || object.computations.contains { known in
            known.remote == computation.remote && !computation.isList || known.name == computation.name && known.isSegment == isSegment
        }
        if isTaken { throw .fieldTwice }
        objects[objects.count - 1].computations.append(computation)
    }

    /// The mapping as a text that reads back as the same.
    public var text: String {
        var lines = settings.sorted { $0.key < $1.key }.map { "set\t\($0.key)\t\($0.value)" }
        for object in objects {
            lines.append("object\t\(object.name)\t\(object.kind)")
            lines += object.settings.sorted { $0.key < $1.key }.map { "set\t\($0.key)\t\($0.value)" }
            lines += object.fields.map { field in
                ["field", field.local, field.remote, field.direction.rawValue, field.blank.rawValue, field.form.text, field.authority.rawValue]
                    .joined(separator: "\t")
            }
            lines += object.associations.map { ["association", $0.remote, $0.object, $0.direction.rawValue, $0.form.text].joined(separator: "\t") }
            lines += object.lists.map(\.line)
            lines += object.computations.map(\.line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Changes one thing: `KEY=VALUE` of the system, `OBJECT.KEY=VALUE` of an object, or `OBJECT.LOCAL.direction|blank|form|authority|remote=VALUE`
    /// of a field; `OBJECT.segment.NAME.expression|remote|form=VALUE` and `OBJECT.score.NAME.remote|form=VALUE` of what is computed, which is made
    /// where there is none, and so does `OBJECT.list.NAME.tag|direction=VALUE` with a list. An empty value takes a setting away, `OBJECT.segment.NAME=`
    /// a segment, and `OBJECT.list.NAME=` a list.
    ///
    /// - Throws: `crm.mapping-edit` with `edit` and `reason`, or what reading the changed text throws.
    public func edited(_ edit: String) throws(ConnectorError) -> ConnectorMapping {
        func fault(_ reason: String) -> ConnectorError { ConnectorError("crm.mapping-edit", ["edit": edit, "reason": reason]) }
        guard let equals = edit.firstIndex(of: "=") else { throw fault("columns") }
        let path = String(edit[..<equals]).trimmingBlanks, value = String(edit[edit.index(after: equals)...]).trimmingBlanks
        var edited = self
        guard let place = objects.indices.filter({ path.hasPrefix(objects[$0].name + ".") }).max(by: { objects[$0].name.count < objects[$1].name.count })
        else {
            if path.isEmpty || path.contains(".") { throw fault("no-object") }
            edited.settings[String(path)] = value.isEmpty ? nil : String(value)
            return try ConnectorMapping(text: edited.text)
        }
        let parts = path.dropFirst(objects[place].name.count + 1).split(separator: ".").map(String.init)
        if parts.count > 1, ["segment", "score"].contains(parts[0]), !objects[place].fields.contains(where: { $0.local == parts[0] && parts.count == 2 }) {
            try edited.objects[place].edit(computation: parts, to: value, else: fault)
            return try ConnectorMapping(text: edited.text)
        }
        if parts.count > 1, parts[0] == "list", !objects[place].fields.contains(where: { $0.local == "list" && parts.count == 2 }) {
            try edited.objects[place].edit(list: parts, to: value, else: fault)
            return try ConnectorMapping(text: edited.text)
        }
        if parts.count == 1 {
            edited.objects[place].settings[parts[0]] = value.isEmpty ? nil : String(value)
        } else {
            guard parts.count == 2, let index = objects[place].fields.firstIndex(where: { $0.local == parts[0] }) else { throw fault("no-field") }
            try edited.objects[place].fields[index].set(parts[1], to: String(value), else: fault)
        }
        return try ConnectorMapping(text: edited.text)
    }
}

extension MappedObject {
    /// Whether an association may lead from this object to another: from people to organizations, from events to both.
    fileprivate func mayName(_ other: MappedObject?) -> Bool {
        guard let other, !other.isEvent else { return false }
        return isEvent || kind == "person" && other.kind == "organization"
    }
}

extension MappedObject {
    /// - Parameter parts: `segment` or `score`, the name, which may hold points, and what is changed; without the latter it is taken away.
    fileprivate mutating func edit(computation parts: [String], to value: String, else fault: (String) -> ConnectorError) throws(ConnectorError) {
        let isSegment = parts[0] == "segment", whole = parts.dropFirst().joined(separator: ".")
        if value.isEmpty, let known = computations.firstIndex(where: { $0.isSegment == isSegment && $0.name == whole }) {
            computations.remove(at: known)
            return
        }
        let name = parts.dropFirst().dropLast().joined(separator: ".")
        if value.isEmpty { throw fault("columns") }
        if name.isEmpty { throw fault("no-field") }
        let known = computations.firstIndex { $0.isSegment == isSegment && $0.name == name }
        var rule = MappedComputation.Rule.segment(expression: value)
        if !isSegment {
            guard let score = CustomerScore(rawValue: name) else { throw fault("score") }
            rule = .score(score)
        }
        switch parts.last {
        case "expression" where isSegment:
            if let known { computations[known].rule = rule } else { computations.append(MappedComputation(name: name, remote: name, rule: rule)) }
        case "remote":
            // A property of several values has another form than one that says yes or no.
            if let known { computations[known] = MappedComputation(name: name, remote: value, rule: computations[known].rule)
            } else if isSegment { throw fault("no-field") } else { computations.append(MappedComputation(name: name, remote: value, rule: rule)) }
        case "form":
            guard let known else { throw fault("no-field") }
            guard let form = ValueForm(text: value) else { throw fault("form") }
            computations[known].form = form
        default: throw fault("unknown-word")
        }
    }
}

extension MappedObject {
    /// - Parameter parts: `list`, the list's name, which may hold points, and what is changed; without the latter it is taken away.
    fileprivate mutating func edit(list parts: [String], to value: String, else fault: (String) -> ConnectorError) throws(ConnectorError) {
        let whole = parts.dropFirst().joined(separator: ".")
        if value.isEmpty, let known = lists.firstIndex(where: { $0.remote == whole }) {
            lists.remove(at: known)
            return
        }
        let name = parts.dropFirst().dropLast().joined(separator: ".")
        if value.isEmpty { throw fault("columns") }
        if name.isEmpty { throw fault("no-field") }
        var list = lists.first { $0.remote == name } ?? MappedList(remote: name)
        switch parts.last {
        case "tag": list.tag = value == "-" ? nil : value
        case "direction":
            guard let direction = MappedField.Direction(rawValue: value) else { throw fault("direction") }
            list.direction = direction
        default: throw fault("unknown-word")
        }
        if let known = lists.firstIndex(where: { $0.remote == name }) { lists[known] = list } else { lists.append(list) }
    }
}

extension MappedField {
    fileprivate mutating func set(_ key: String, to value: String, else fault: (String) -> ConnectorError) throws(ConnectorError) {
        switch key {
        case "direction":
            guard let read = Direction(rawValue: value) else { throw fault("direction") }
            direction = read
        case "blank":
            guard let read = BlankRule(rawValue: value) else { throw fault("blank") }
            blank = read
        case "form":
            guard let read = ValueForm(text: value) else { throw fault("form") }
            form = read
        case "authority":
            guard let read = Authority(rawValue: value) else { throw fault("authority") }
            authority = read
        case "remote":
            if value.isEmpty { throw fault("columns") }
            remote = value
        default: throw fault("unknown-word")
        }
    }
}

extension [String] {
    /// A column that is there and not left out with a hyphen.
    fileprivate func word(_ index: Int) -> String? { indices.contains(index) && !self[index].isEmpty && self[index] != "-" ? self[index] : nil }
}

extension StringProtocol {
    /// Without blanks at either end.
    var trimmingBlanks: String {
        if let first = unicodeScalars.first, let last = unicodeScalars.last, first.isPlain, last.isPlain { return String(self) }
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
