-- One order by its id.
dofile(os.getenv("BENCH_DIR") .. "/common.lua")

local path = "/api/v1/order/" .. os.getenv("BENCH_ORDER_ID")

function request()
  return wrk.format("GET", path)
end
