-- Katib's Experiment: conditions are added one by one, and only the last true one counts.
local hs = {status = "Progressing", message = "waiting for a status"}
if obj.status == nil or obj.status.conditions == nil then
  return hs
end
local latest = nil
for _, condition in ipairs(obj.status.conditions) do
  if condition.status == "True" then
    latest = condition
    if condition.type == "Failed" or condition.type == "Succeeded" then
      break
    end
  end
end
if latest == nil then
  return hs
end
hs.message = latest.message or latest.reason or latest.type
if latest.type == "Succeeded" then
  hs.status = "Healthy"
elseif latest.type == "Failed" then
  hs.status = "Degraded"
end
return hs
