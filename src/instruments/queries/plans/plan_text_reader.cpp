#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_document.hpp"
#include "instruments/queries/plans/plan_fields.hpp"
#include "instruments/queries/plans/plan_lines.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The number at the front, past which `text` then begins.
std::optional<double> take_number(std::string_view& text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

// The number after `name` anywhere in `text`: "rows=" of "rows=3 loops=1".
std::optional<double> number_after(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + name.size());
  return take_number(text);
}

void set_after(double& field, std::string_view text, std::string_view name) {
  if (const auto value = number_after(text, name)) field = *value;
}

// "a, lower(b, c) DESC" at the commas that stand in no bracket and no quotes.
std::vector<std::string> split_keys(std::string_view text) {
  std::vector<std::string> out;
  std::string part;
  int depth = 0;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      out.emplace_back(trim(part));
      part.clear();
      continue;
    }
    part += c;
  }
  if (!trim(part).empty()) out.emplace_back(trim(part));
  return out;
}

// A name, quoted or not, at the front.
std::string take_name(std::string_view& text) {
  std::size_t end = 0;
  bool quoted = false;
  while (end < text.size() && (quoted || (text[end] != ' ' && text[end] != '.'))) {
    if (text[end] == '"') quoted = !quoted;
    ++end;
  }
  std::string out(text.substr(0, end));
  text.remove_prefix(end);
  if (out.size() > 1 && out.front() == '"' && out.back() == '"') {
    out = out.substr(1, out.size() - 2);
    for (std::size_t at = 0; (at = out.find("\"\"", at)) != std::string::npos; ++at) out.erase(at, 1);
  }
  return out;
}

// "on public.t alias", "on t", "on x x_1": sets schema, relation and alias.
void set_target(PlanNode& node, std::string_view text) {
  std::string first = take_name(text);
  if (take(text, ".")) {
    node.schema = std::move(first);
    first = take_name(text);
  }
  while (take(text, " ")) {
  }
  const std::string alias = text.empty() ? std::string() : take_name(text);
  node.alias = alias.empty() ? first : alias;
  if (node.type == "CTE Scan" || node.type == "WorkTable Scan") {
    node.cte_name = first;
  } else if (node.type == "Subquery Scan" || node.type == "Values Scan") {
    node.alias = first;
  } else if (node.type == "Function Scan" || node.type == "Table Function Scan") {
    node.details.emplace_back("Function Name", first);
  } else {
    node.relation = std::move(first);
  }
}

// "Hash Right Anti Join" → Hash Join, Right Anti.
bool set_join(PlanNode& node, std::string_view title) {
  struct Join {
    std::string_view begins, type;
  };
  constexpr Join kJoins[] = {{"Hash", "Hash Join"}, {"Merge", "Merge Join"}, {"Nested Loop", "Nested Loop"}};
  for (const Join& each : kJoins) {
    if (!title.starts_with(each.begins)) continue;
    std::string_view rest = title.substr(each.begins.size());
    if (rest.empty() && each.type != "Nested Loop") continue;
    if (!rest.empty() && (rest.front() != ' ' || !rest.ends_with(" Join"))) continue;
    node.type = each.type;
    rest = rest.empty() ? rest : rest.substr(0, rest.size() - 5);
    node.join_type = rest.empty() ? "Inner" : std::string(trim(rest));
    return true;
  }
  return false;
}

// The title of a node: "Parallel Index Only Scan Backward using i on public.t a".
void set_title(PlanNode& node, std::string_view title) {
  if (take(title, "Async ")) node.details.emplace_back("Async Capable", "true");
  node.parallel_aware = take(title, "Parallel ");
  if (take(title, "Partial ")) node.partial_mode = "Partial";
  if (take(title, "Finalize ")) node.partial_mode = "Finalize";
  constexpr std::pair<std::string_view, std::string_view> kAggregates[] = {{"HashAggregate", "Hashed"},
                                                                           {"GroupAggregate", "Sorted"},
                                                                           {"MixedAggregate", "Mixed"},
                                                                           {"Aggregate", "Plain"}};
  for (const auto& [name, strategy] : kAggregates) {
    if (title != name) continue;
    node.type = "Aggregate";
    node.strategy = strategy;
    return;
  }
  constexpr std::string_view kOperations[] = {"Insert", "Update", "Delete", "Merge"};
  for (const std::string_view operation : kOperations) {
    std::string_view rest = title;
    if (!take(rest, operation) || !take(rest, " on ")) continue;
    node.type = "ModifyTable";
    node.operation = operation;
    return set_target(node, rest);
  }
  for (const auto& [begins, strategy] :
       {std::pair<std::string_view, std::string_view>{"HashSetOp ", "Hashed"}, {"SetOp ", "Sorted"}}) {
    std::string_view rest = title;
    if (!take(rest, begins)) continue;
    node.type = "SetOp";
    node.strategy = strategy;
    node.details.emplace_back("Command", std::string(rest));
    return;
  }
  if (set_join(node, title)) return;
  // What it scans.
  std::string_view head = title;
  std::string_view target;
  if (const std::size_t on = title.find(" on "); on != std::string_view::npos) {
    head = title.substr(0, on);
    target = title.substr(on + 4);
  }
  if (const std::size_t index = head.find(" using "); index != std::string_view::npos) {
    std::string_view name = head.substr(index + 7);
    node.index = take_name(name);
    head = head.substr(0, index);
  }
  if (head.ends_with(" Backward")) {
    node.details.emplace_back("Scan Direction", "Backward");
    head = head.substr(0, head.size() - 9);
  }
  if (target.empty() && head.starts_with("Subquery Scan ")) {  // before 9.x there was no "on"
    target = head.substr(14);
    head = "Subquery Scan";
  }
  node.type = head;
  if (target.empty()) return;
  if (node.type == "Bitmap Index Scan") {
    node.index = take_name(target);
  } else {
    set_target(node, target);
  }
}

// Where the figures of a node line begin: "  (cost=" or " (actual".
std::size_t figures_at(std::string_view text) {
  for (const char* begin : {"(cost=", "(actual ", "(never executed)"}) {
    const std::size_t at = text.find(begin);
    if (at != std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

void set_actual(std::string_view text, double& startup, double& total, double& rows, double& loops) {
  if (const std::size_t time = text.find("time="); time != std::string_view::npos) {
    std::string_view rest = text.substr(time + 5);
    startup = take_number(rest).value_or(0);
    take(rest, "..");
    total = take_number(rest).value_or(0);
  }
  set_after(rows, text, "rows=");
  set_after(loops, text, "loops=");
}

void set_figures(PlanNode& node, std::string_view text) {
  if (const std::size_t cost = text.find("(cost="); cost != std::string_view::npos) {
    std::string_view rest = text.substr(cost + 6);
    node.startup_cost = take_number(rest).value_or(0);
    take(rest, "..");
    node.total_cost = take_number(rest).value_or(0);
    set_after(node.plan_rows, rest, "rows=");
    set_after(node.plan_width, rest, "width=");
  }
  if (text.find("(never executed)") != std::string_view::npos) node.was_measured = true;
  if (const std::size_t actual = text.find("(actual "); actual != std::string_view::npos) {
    node.was_measured = true;
    set_actual(text.substr(actual), node.actual_startup_ms, node.actual_total_ms, node.actual_rows,
               node.actual_loops);
  }
}

// "shared hit=1 read=2, temp read=3 written=4"
void set_buffers(PlanBuffers& buffers, std::string_view text) {
  struct Kind {
    std::string_view name;
    double PlanBuffers::*hit;
    double PlanBuffers::*read;
    double PlanBuffers::*dirtied;
    double PlanBuffers::*written;
  };
  constexpr Kind kKinds[] = {
      {"shared ", &PlanBuffers::shared_hit, &PlanBuffers::shared_read, &PlanBuffers::shared_dirtied,
       &PlanBuffers::shared_written},
      {"local ", &PlanBuffers::local_hit, &PlanBuffers::local_read, &PlanBuffers::local_dirtied,
       &PlanBuffers::local_written},
      {"temp ", nullptr, &PlanBuffers::temp_read, nullptr, &PlanBuffers::temp_written}};
  for (const std::string& part : split_keys(text)) {
    for (const Kind& kind : kKinds) {
      if (!part.starts_with(kind.name)) continue;
      if (kind.hit != nullptr) set_after(buffers.*kind.hit, part, "hit=");
      set_after(buffers.*kind.read, part, "read=");
      if (kind.dirtied != nullptr) set_after(buffers.*kind.dirtied, part, "dirtied=");
      set_after(buffers.*kind.written, part, "written=");
    }
  }
}

// "read=0.1 write=0.2", "shared/local read=0.1, temp write=0.2", "shared read=0.1": those of shared blocks.
void set_io_times(PlanBuffers& buffers, std::string_view text) {
  for (const std::string& part : split_keys(text)) {
    if (part.starts_with("temp ") || part.starts_with("local ")) continue;
    set_after(buffers.read_ms, part, "read=");
    set_after(buffers.write_ms, part, "write=");
  }
}

// Lines of one kind of node that say several things.
bool set_special(PlanNode& node, std::string_view key, std::string_view value) {
  if (key == "Sort Method") {
    const std::size_t memory = value.find("Memory:");
    const std::size_t disk = value.find("Disk:");
    const std::size_t space = std::min(memory, disk);
    node.sort_method = trim(value.substr(0, space));
    if (space != std::string_view::npos) {
      node.sort_space_type = disk < memory ? "Disk" : "Memory";
      set_after(node.sort_space_kib, value, ": ");
    }
    return true;
  }
  if (key == "Buckets") {
    node.hash_buckets = number_after(value, "").value_or(0);
    set_after(node.hash_batches, value, "Batches: ");
    node.original_hash_batches = node.hash_batches;
    if (const std::size_t batches = value.find("Batches: "); batches != std::string_view::npos)
      set_after(node.original_hash_batches, value.substr(batches), "originally ");
    set_after(node.peak_memory_kib, value, "Memory Usage: ");
    return true;
  }
  if (key == "Batches" || key == "Planned Partitions") {
    if (key == "Planned Partitions") node.planned_partitions = number_after(value, "").value_or(0);
    node.aggregate_batches = number_after(value, key == "Batches" ? "" : "Batches: ").value_or(0);
    set_after(node.peak_memory_kib, value, "Memory Usage: ");
    set_after(node.disk_usage_kib, value, "Disk Usage: ");
    return true;
  }
  if (key == "Heap Blocks") {
    set_after(node.exact_heap_blocks, value, "exact=");
    set_after(node.lossy_heap_blocks, value, "lossy=");
    return true;
  }
  if (key == "Buffers") {
    set_buffers(node.buffers, value);
    return true;
  }
  if (key == "I/O Timings") {
    set_io_times(node.buffers, value);
    return true;
  }
  if (key == "Group Key" && (value == "()" || !node.group_keys.empty())) {
    // Grouping sets: FORMAT JSON has them apart.
    node.group_keys.clear();
    node.details.emplace_back("Grouping Sets", std::string(value));
    return true;
  }
  if (key == "Sort Key" || key == "Group Key" || key == "Output") {
    (key == "Sort Key"    ? node.sort_keys
     : key == "Group Key" ? node.group_keys
                          : node.output) = split_keys(value);
    return true;
  }
  return false;
}

// Reads line after line; what stands after the nodes goes to the plan.
class TextPlan {
 public:
  Status add(const PlanLine& line) {
    if (after_nodes(line)) return {};
    std::string_view text = line.text;
    const bool arrow = take(text, "->");
    text = trim(text);
    if (plan_.nodes.empty() || arrow) return node(line, text);
    if (is_plan_label(text)) {
      label_ = text;
      label_indent_ = line.indent;
      return {};
    }
    detail(line, text);
    return {};
  }
  Result<Plan> finish() && {
    if (plan_.nodes.empty()) return fail(ErrorKind::bad_input, "there is no plan in the text");
    return std::move(plan_);
  }

 private:
  Status node(const PlanLine& line, std::string_view text) {
    const std::size_t figures = figures_at(text);
    if (figures == std::string_view::npos && (plan_.nodes.empty() || !text.empty()) && !may_lack_figures_) {
      if (plan_.nodes.empty() && !looks_like_node(text)) {
        return fail(
            ErrorKind::bad_input,
            fmt::format("line {}: no node of a plan: `{}`", line.number, printable(text.substr(0, 60))),
            "give what EXPLAIN printed, from its first line on");
      }
      may_lack_figures_ = true;  // EXPLAIN (COSTS OFF)
    }
    if (plan_.nodes.size() >= kMaxPlanNodes) return fail(ErrorKind::bad_input, "the plan has too many nodes");
    PlanNode out;
    set_title(out, trim(text.substr(0, figures)));
    if (figures != std::string_view::npos) set_figures(out, text.substr(figures));
    // What a label names is a child of the node that the label stands below.
    const std::size_t indent = label_.empty() ? line.indent : std::min(label_indent_, line.indent);
    while (!open_.empty() && open_.back().indent >= indent && !plan_.nodes.empty()) open_.pop_back();
    const int index = static_cast<int>(plan_.nodes.size());
    if (!plan_.nodes.empty()) {
      out.parent = open_.empty() ? 0 : open_.back().node;
      PlanNode& parent = plan_.nodes[static_cast<std::size_t>(out.parent)];
      out.depth = parent.depth + 1;
      relate(out, parent);
      parent.children.push_back(index);
    }
    open_.push_back({line.indent, index});
    plan_.nodes.push_back(std::move(out));
    return {};
  }

  static bool looks_like_node(std::string_view text) {
    constexpr std::string_view kWords[] = {
        "Scan",      "Join",      "Loop",     "Aggregate",   "Sort",      "Result", "Append",   "Limit",
        "Unique",    "Hash",      "Gather",   "Materialize", "Memoize",   "SetOp",  "LockRows", "Insert on",
        "Update on", "Delete on", "Merge on", "ProjectSet",  "WindowAgg", "Group",  "Union"};
    return text.size() < 300 && std::any_of(std::begin(kWords), std::end(kWords), [&](auto word) {
             return text.find(word) != std::string_view::npos;
           });
  }

  // What FORMAT JSON says of the child; text leaves it to the order.
  void relate(PlanNode& child, const PlanNode& parent) {
    if (!label_.empty()) {
      child.subplan_name = label_;
      child.parent_relationship = label_.starts_with("SubPlan") ? "SubPlan" : "InitPlan";
      label_.clear();
      return;
    }
    const bool members = parent.type == "Append" || parent.type == "Merge Append" ||
                         parent.type == "BitmapAnd" || parent.type == "BitmapOr";
    if (members) {
      child.parent_relationship = "Member";
    } else if (parent.type == "Subquery Scan") {
      child.parent_relationship = "Subquery";
    } else {
      const bool second = std::any_of(parent.children.begin(), parent.children.end(), [&](int each) {
        return plan_.nodes[static_cast<std::size_t>(each)].parent_relationship == "Outer";
      });
      child.parent_relationship = second ? "Inner" : "Outer";
    }
  }

  void detail(const PlanLine& line, std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = text.substr(0, colon);
    const std::string_view value = trim(text.substr(colon + 1));
    // Of the node that it stands below.
    std::size_t open = open_.size() - 1;
    while (open > 0 && open_[open].indent >= line.indent) --open;
    PlanNode& of = plan_.nodes[static_cast<std::size_t>(open_[open].node)];
    if (key.starts_with("Worker ")) return worker(of, key, value);
    // Lines of a worker are deeper than the worker.
    if (worker_indent_ && line.indent > *worker_indent_) return;
    worker_indent_.reset();
    if (set_special(of, key, value)) return;
    std::string_view number = value;
    if (const auto parsed = take_number(number);
        parsed && (number.empty() || number == "kB") && set_number(of, key, *parsed))
      return;
    if (!set_text(of, key, std::string(value))) of.details.emplace_back(key, value);
    last_indent_ = line.indent;
  }

  void worker(PlanNode& node, std::string_view key, std::string_view value) {
    PlanWorker out;
    out.number = number_after(key, "Worker ").value_or(0);
    worker_indent_ = SIZE_MAX;
    if (value.find("loops=") == std::string_view::npos) return;
    set_actual(value, out.actual_startup_ms, out.actual_total_ms, out.actual_rows, out.actual_loops);
    node.workers.push_back(out);
  }

  // Planning, JIT, triggers and times, which stand at the left below all nodes.
  bool after_nodes(const PlanLine& line) {
    if (plan_.nodes.empty()) {
      std::string_view text = line.text;
      if (take(text, "Query Text: ")) {
        plan_.query_text = text;
        return true;
      }
      return false;
    }
    std::string_view text = line.text;
    const auto milliseconds = [&](std::string_view name) -> std::optional<double> {
      std::string_view rest = text;
      return take(rest, name) ? take_number(rest) : std::nullopt;
    };
    for (const char* name : {"Planning Time: ", "Planning time: "}) {
      if (const auto value = milliseconds(name)) return plan_.planning_ms = value, true;
    }
    for (const char* name : {"Execution Time: ", "Execution time: ", "Total runtime: "}) {
      if (const auto value = milliseconds(name)) return plan_.execution_ms = value, true;
    }
    if (text == "Planning:" || text == "JIT:") {
      section_ = text == "JIT:" ? Section::jit : Section::planning;
      return true;
    }
    if (take(text, "Trigger ")) return trigger(text), true;
    if (take(text, "Settings: ")) {
      for (const std::string& each : split_keys(text)) {
        const std::size_t equals = each.find(" = ");
        if (equals != std::string::npos)
          plan_.settings.emplace_back(each.substr(0, equals), each.substr(equals + 3));
      }
      return true;
    }
    if (section_ == Section::none) return false;
    if (section_ == Section::planning && take(text, "Buffers: ")) set_buffers(plan_.planning_buffers, text);
    if (section_ == Section::jit) {
      if (take(text, "Functions: ")) plan_.jit_functions = take_number(text);
      if (take(text, "Timing: ")) plan_.jit_total_ms = number_after(text, "Total ");
    }
    return true;
  }

  void trigger(std::string_view text) {
    PlanTrigger out;
    const std::size_t colon = text.rfind(": ");
    std::string_view name = text.substr(0, colon);
    if (const std::size_t on = name.rfind(" on "); on != std::string_view::npos) {
      out.relation = name.substr(on + 4);
      name = name.substr(0, on);
    }
    if (const std::size_t constraint = name.find("for constraint "); constraint != std::string_view::npos) {
      out.constraint = name.substr(constraint + 15);
      name = trim(name.substr(0, constraint));
    }
    out.name = name;
    set_after(out.time_ms, text, "time=");
    set_after(out.calls, text, "calls=");
    plan_.triggers.push_back(std::move(out));
  }

  struct Open {
    std::size_t indent;
    int node;
  };
  enum class Section { none, planning, jit };
  Plan plan_;
  std::vector<Open> open_;  // from the root to the node that was read last
  std::string label_;       // "CTE x" of the node that comes next
  std::size_t label_indent_ = 0;
  std::optional<std::size_t> worker_indent_;
  std::size_t last_indent_ = 0;
  Section section_ = Section::none;
  bool may_lack_figures_ = false;
};

}  // namespace

// Where the first costs begin; a terminal may have broken the line within the word.
static std::size_t first_figures(std::string_view text) {
  constexpr std::string_view kWord = "(cost=";
  for (std::size_t at = text.find('('); at != std::string_view::npos; at = text.find('(', at + 1)) {
    std::size_t next = at, known = 0;
    while (known < kWord.size() && next < text.size()) {
      if (text[next] == kWord[known]) {
        ++known;
      } else if (text[next] != '\n' && text[next] != '\r' && text[next] != ' ') {
        break;
      }
      ++next;
    }
    if (known == kWord.size()) return at;
  }
  return std::string_view::npos;
}

// What stands before the first node: a prompt, the statement, other answers.
static std::string_view from_first_node(std::string_view text) {
  const std::size_t figures = first_figures(text);
  if (figures == std::string_view::npos) return text;
  const std::size_t newline = text.rfind('\n', figures);
  if (newline == std::string_view::npos) return text;
  // auto_explain has the statement there.
  return text.substr(0, newline).find("Query Text: ") == std::string_view::npos ? text.substr(newline + 1)
                                                                                : text;
}

Result<Plan> read_text_plan(std::string_view text) {
  TextPlan plan;
  for (const PlanLine& line : plan_lines(from_first_node(text))) SIGNALBOX_CHECK(plan.add(line));
  return std::move(plan).finish();
}

PlanFormat format_of_plan(std::string_view text) {
  if (text.starts_with('[') || text.starts_with('{')) return PlanFormat::json;
  if (text.starts_with('<')) return PlanFormat::xml;
  // auto_explain has the statement before the plan; in FORMAT TEXT without quotes.
  const bool begins = text.starts_with("- Plan:") || text.starts_with("Plan:") ||
                      text.starts_with("- Query Text: \"") || text.starts_with("Query Text: \"");
  return begins && text.find("Node Type: ") != std::string_view::npos ? PlanFormat::yaml : PlanFormat::text;
}

Result<Plan> read_plan(std::string_view text) {
  const std::string bare = without_frame(text);
  const std::string_view whole = trim(bare);
  if (whole.empty()) return fail(ErrorKind::bad_input, "there is no plan in the text");
  switch (format_of_plan(whole)) {
    case PlanFormat::text:
      return read_text_plan(bare);
    case PlanFormat::yaml: {
      SIGNALBOX_TRY(const Json document, read_yaml_document(bare));
      return plan_of_document(document);
    }
    case PlanFormat::xml: {
      SIGNALBOX_TRY(const Json document, read_xml_document(whole));
      return plan_of_document(document);
    }
    case PlanFormat::json:
      break;
  }
  auto plan = read_json_plan(whole);
  // A prompt may begin with a bracket too.
  if (!plan && whole.find("(cost=") != std::string_view::npos &&
      whole.find("\"Plan\"") == std::string_view::npos)
    return read_text_plan(bare);
  return plan;
}

}  // namespace signalbox::queries
