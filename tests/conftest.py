"""What every suite of whole processes shares: products that are ended, and their logs judged."""
import pytest

from product import Product


@pytest.fixture
def start_product(tmp_path):
    """start_product(user={…}, order={…}): a running product of its own; see product.Product."""
    products = []

    def start(**options):
        product = Product(tmp_path / f"product-{len(products)}", **options)
        products.append(product)
        product.start()
        return product

    yield start
    for product in products:
        product.stop()
    for product in products:
        product.assert_clean_logs()
