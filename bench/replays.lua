-- Repeats of orders that are there: the same ids and prices, over and over.
dofile(os.getenv("BENCH_DIR") .. "/common.lua")

local stored = tonumber(os.getenv("BENCH_STORED"))

function request()
  sent = sent + 1
  wrk.headers["X-Request-Id"] = "stored-" .. (sent % stored)
  wrk.headers["Content-Type"] = "application/json"
  return wrk.format("POST", "/api/v1/order/", nil, '{"price":400}')
end
