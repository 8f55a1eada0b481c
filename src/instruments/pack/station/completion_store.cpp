#include "instruments/pack/station/completion_store.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::pack {
namespace {

constexpr std::string_view kColumns =
    "key_text, plan_id, order_id, package, station, box, recommended, reason, left_out, weight_ng, took_ms, "
    "at_ms, told_by";

std::string left_out_text(const Completion& completion) {
  Json out = Json::array();
  for (const LeftOut& each : completion.left_out)
    out.push_back(Json::object({{"unit", each.unit}, {"reason", each.reason}}));
  return out.dump();
}

Result<Completion> completion_from(const store::Row& row) {
  Completion out;
  out.key = row.text(0);
  out.plan = row.text(1);
  out.order = row.text(2);
  out.package = static_cast<std::size_t>(row.integer(3));
  out.station = row.text(4);
  out.box = row.text(5);
  out.recommended = row.text(6);
  out.reason = row.text(7);
  SIGNALBOX_TRY(const Json left_out, parse_json(row.text(8)));
  for (const Json& each : left_out.items())
    out.left_out.push_back(
        {static_cast<std::size_t>(each["unit"].as_integer()), std::string(each["reason"].as_string())});
  out.weight = row.integer(9);
  out.took = Duration(row.integer(10));
  out.at = Time(Duration(row.integer(11)));
  out.by = row.text(12);
  return out;
}

}  // namespace

Result<std::vector<Completion>> CompletionStore::read(const std::string& where,
                                                      const std::vector<store::Value>& values) {
  SIGNALBOX_TRY(const auto rows,
                database_.query(fmt::format("select {} from pack_packed {}", kColumns, where), values));
  std::vector<Completion> out;
  for (const store::Row& row : rows) {
    SIGNALBOX_TRY(Completion each, completion_from(row));
    out.push_back(std::move(each));
  }
  return out;
}

Result<CompletionStore::Added> CompletionStore::add(const Completion& completion) {
  Added out{completion, true};
  const auto package = static_cast<std::int64_t>(completion.package);
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto told, read("where key_text = ?", {completion.key}));
    if (!told.empty()) {
      if (!is_same(told[0], completion))
        return fail(ErrorKind::conflict, "that key was used to tell something else", "take a new key");
      out = {told[0], false};
      return {};
    }
    SIGNALBOX_TRY(const auto there, read("where plan_id = ? and package = ?", {completion.plan, package}));
    if (!there.empty())
      return fail(
          ErrorKind::conflict,
          fmt::format("package {} of order {} is packed already, at station {} on {}", completion.package + 1,
                      printable(completion.order), printable(there[0].station), to_rfc3339(there[0].at)));
    SIGNALBOX_CHECK(database_.execute("update pack_change set times = times + 1 where id = 1"));
    return database_.insert_many(
        "pack_packed",
        {"key_text", "plan_id", "order_id", "package", "station", "box", "recommended", "reason", "left_out",
         "left_out_units", "weight_ng", "took_ms", "at_ms", "told_by"},
        {{completion.key, completion.plan, completion.order, package, completion.station, completion.box,
          completion.recommended, completion.reason, left_out_text(completion),
          static_cast<std::int64_t>(completion.left_out.size()), completion.weight,
          static_cast<std::int64_t>(completion.took.count()),
          static_cast<std::int64_t>(completion.at.time_since_epoch().count()), completion.by}});
  }));
  return out;
}

Result<std::vector<Completion>> CompletionStore::of_plan(const std::string& plan) {
  return read("where plan_id = ? order by package", {plan});
}

Result<std::vector<Completion>> CompletionStore::list(const std::string& order, std::int64_t most) {
  if (order.empty()) return read("order by at_ms desc, key_text limit ?", {most});
  return read("where order_id = ? order by at_ms desc, key_text limit ?", {order, most});
}

Result<std::vector<Completion>> CompletionStore::all() {
  return read("order by at_ms, key_text", {});
}

Result<CompletionStore::Totals> CompletionStore::totals() {
  SIGNALBOX_TRY(const auto rows,
                database_.query("select count(*), coalesce(sum(case when box = recommended then 1 else 0 "
                                "end), 0), coalesce(sum(left_out_units), 0), coalesce(sum(took_ms), 0) from "
                                "pack_packed"));
  return Totals{rows[0].integer(0), rows[0].integer(1), rows[0].integer(2), rows[0].integer(3)};
}

}  // namespace signalbox::pack
