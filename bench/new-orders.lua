-- Every request is a new order.
dofile(os.getenv("BENCH_DIR") .. "/common.lua")

function request()
  sent = sent + 1
  wrk.headers["X-Request-Id"] = run_id .. "-" .. thread_id .. "-" .. sent
  wrk.headers["Content-Type"] = "application/json"
  return wrk.format("POST", "/api/v1/order/", nil, '{"price":' .. (sent % 100000 + 1) .. "}")
end
