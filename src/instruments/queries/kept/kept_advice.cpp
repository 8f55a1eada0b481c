#include "instruments/queries/kept/kept_advice.hpp"

namespace signalbox::queries {

Status KeptAdvice::write(std::int64_t server, std::string_view of_database, const MeasuredAdvice& advice) {
  const std::string name(of_database);
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_CHECK(database_.execute("delete from queries_advice where server = ? and database_name = ?",
                                      {server, name}));
    SIGNALBOX_TRY(const auto rows, database_.query("select coalesce(max(id), 0) + 1 from queries_advice"));
    return database_.insert_many("queries_advice", {"id", "server", "database_name", "at_ms", "data_text"},
                                 {{rows.at(0).integer(0), server, name,
                                   std::int64_t{advice.at.time_since_epoch().count()}, advice.data.dump()}});
  });
}

Result<std::optional<MeasuredAdvice>> KeptAdvice::find(std::int64_t server, std::string_view of_database) {
  SIGNALBOX_TRY(const auto rows,
                database_.query("select at_ms, data_text from queries_advice where server = ? and "
                                "database_name = ?",
                                {server, std::string(of_database)}));
  if (rows.empty()) return std::optional<MeasuredAdvice>();
  MeasuredAdvice out;
  out.at = Time(Duration(rows[0].integer(0)));
  SIGNALBOX_TRY(out.data, parse_json(rows[0].text(1)));
  return std::optional<MeasuredAdvice>(std::move(out));
}

}  // namespace signalbox::queries
