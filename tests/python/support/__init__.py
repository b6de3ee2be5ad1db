"""What tests share: places, warehouses, facts, labels."""
