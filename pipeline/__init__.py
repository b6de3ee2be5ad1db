"""The pipeline: load → gate raw → dbt build → gate marts → publish, and the `yusuan` command."""
