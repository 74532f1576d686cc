{{ config(materialized='table', labels={'team': 'finance'}) }}
select customer_id, email from {{ source('shop', 'customers') }}
